import type { Operation } from '../arm/agent-pools';
import { ServiceError, serviceFault, type Fault } from '../faults/fault';
import { faultFields, faultText } from '../report/event';
import { retryDelayMs } from '../retry';
import type { Session } from '../session';

/** Azure's buckets allow two polls a second for a whole subscription; a pool takes minutes. */
const POLL_MS = 15_000;
/** A person sees a line at least this often. */
const PROGRESS_MS = 60_000;

/**
 * Waits for the end of a long operation.
 *
 * @returns `unseen` when the service does not tell how the operation stands (the right to ask is missing, or the
 * operation is not known): then the pool itself has to be watched
 * @throws ServiceError with the operation's own failure, or class `timeout` at its own limit or the run's
 */
export async function finish(
  session: Session,
  operation: Operation,
  pool: string,
  what: string,
  timeoutSeconds: number,
): Promise<'ended' | 'unseen'> {
  const { report } = session.parts;
  const since = session.now;
  let told = since;
  let failures = 0;
  for (;;) {
    let delay: number;
    try {
      const { done, retryAfterSeconds } = await operation.poll();
      if (done) return 'ended';
      failures = 0;
      delay = Math.max(POLL_MS, (retryAfterSeconds ?? 0) * 1000);
    } catch (error) {
      const fault = serviceFault(error);
      // An operation that failed says so with 200; anything else is about the question, not about the operation.
      const answered = fault?.status !== undefined && fault.status < 400;
      if (fault && !answered && isUntold(fault)) {
        report({
          level: 'warning',
          event: 'poll-unseen',
          pool,
          message: `${what}: its state cannot be read (${faultText(fault)}); watching the pool instead`,
          ...faultFields(fault),
        });
        return 'unseen';
      }
      const again = fault && !answered ? retryDelayMs(session, fault, ++failures, since) : undefined;
      if (!fault || again === undefined) throw error;
      report({
        level: 'warning',
        event: 'poll-retry',
        pool,
        message: `${what}: ${faultText(fault)}; asking again in ${Math.ceil(again / 1000)} s`,
        attempt: failures,
        ...faultFields(fault),
      });
      delay = again;
    }
    const elapsed = session.now - since;
    if (elapsed > timeoutSeconds * 1000 || session.isOver) {
      const message = `${what} has not ended after ${Math.round(elapsed / 1000)} s`;
      throw new ServiceError({
        class: 'timeout',
        code: 'Timeout',
        message,
        details: [{ code: 'Timeout', message }],
      });
    }
    if (session.now - told >= PROGRESS_MS) {
      told = session.now;
      report({
        level: 'info',
        event: 'pool-progress',
        pool,
        message: `${what} is in progress for ${Math.round(elapsed / 1000)} s`,
        durationMs: elapsed,
      });
    }
    await session.pause(delay);
  }
}

/** The pool can be read and the operation cannot. A missing or refused token is another matter: nothing works then. */
function isUntold({ class: faultClass, status }: Fault): boolean {
  return faultClass === 'not-found' || (faultClass === 'auth' && status === 403);
}
