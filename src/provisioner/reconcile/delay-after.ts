import type { Fault } from '../faults/fault';
import { backoffMs, retryDelayMs } from '../retry';
import type { Session } from '../session';
import type { Attempts } from './attempts';

const MAX_ETAG_ATTEMPTS = 3;
/** While another operation runs, look again after this long, on average. */
const BUSY_DELAY_MS = 15_000;
/** AKS refills the bucket of writes to one pool once a minute. */
const THROTTLED_WRITE_DELAY_MS = 60_000;
/** Azure keeps the network card of a deleted machine for 180 s. */
const RESERVED_NIC_DELAY_MS = 180_000;

/**
 * Milliseconds to wait after a failed write before the pool is read and decided on anew, or undefined when that is of
 * no use. Counts the attempt.
 *
 * @param since - when work on the pool began, milliseconds since 1970
 */
export function delayAfter(
  session: Session,
  fault: Fault,
  attempts: Attempts,
  since: number,
): number | undefined {
  switch (fault.class) {
    case 'busy':
      return session.isOver ? undefined : Math.round(BUSY_DELAY_MS * (0.5 + session.parts.clock.random()));
    case 'etag':
      return ++attempts.etag <= MAX_ETAG_ATTEMPTS ? 0 : undefined;
    case 'throttled': {
      const delay = retryDelayMs(session, fault, ++attempts.transient, since);
      return delay === undefined ? undefined : Math.max(delay, THROTTLED_WRITE_DELAY_MS);
    }
    case 'wrapper':
      return ++attempts.wrapper <= 1 ? backoffMs(session, 3) : undefined;
    case 'transient':
    case 'auth':
      return retryDelayMs(session, fault, ++attempts.transient, since);
    case 'network-config':
      return fault.code === 'NicReservedForAnotherVm' && ++attempts.network <= 1
        ? RESERVED_NIC_DELAY_MS
        : undefined;
    default:
      return undefined;
  }
}
