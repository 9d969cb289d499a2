import { serviceFault, type Fault } from './faults/fault';
import { faultFields, faultText } from './report/event';
import type { Session } from './session';

const FIRST_DELAY_MS = 1000;
const MAX_DELAY_MS = 60_000;
/** A federated credential that was just made is not known everywhere at once. */
const TOKEN_PROPAGATION_MS = 120_000;
/** Codes of Entra ID that mean so: no matching federated identity found, application not found. */
const PROPAGATING_TOKEN_CODES = ['AADSTS70021', 'AADSTS700016', 'AADSTS700211', 'AADSTS700213'];
/** Attempts at a call that fails for a passing reason, before it counts as failed. */
const MAX_TRANSIENT_ATTEMPTS = 6;

/** 1 s, 2 s, 4 s ... 60 s, each less up to a half, so that two runs do not stay in step. `attempt` counts from 1. */
export function backoffMs(session: Session, attempt: number): number {
  const full = Math.min(FIRST_DELAY_MS * 2 ** (attempt - 1), MAX_DELAY_MS);
  return Math.round(full * (1 - session.parts.clock.random() / 2));
}

/**
 * How long to wait before the same call is made again, or undefined when repeating it is of no use. For calls that
 * have failed `attempt` times since `since`.
 */
export function retryDelayMs(
  session: Session,
  fault: Fault,
  attempt: number,
  since: number,
): number | undefined {
  switch (fault.class) {
    case 'throttled':
      // The SDK would not repeat a 429 without Retry-After.
      return !session.isOver
        ? Math.max((fault.retryAfterSeconds ?? 0) * 1000, backoffMs(session, attempt))
        : undefined;
    case 'transient':
      return attempt < MAX_TRANSIENT_ATTEMPTS
        ? Math.max((fault.retryAfterSeconds ?? 0) * 1000, backoffMs(session, attempt))
        : undefined;
    case 'auth':
      return PROPAGATING_TOKEN_CODES.includes(fault.code) && session.now - since < TOKEN_PROPAGATION_MS
        ? Math.max(5000, backoffMs(session, attempt))
        : undefined;
    default:
      return undefined;
  }
}

/**
 * Makes a call that only reads, again and again while that may help.
 *
 * @throws ServiceError when it does not
 */
export async function withRetries<T>(session: Session, what: string, call: () => Promise<T>): Promise<T> {
  const since = session.now;
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      const fault = serviceFault(error);
      const delay = fault && retryDelayMs(session, fault, attempt, since);
      if (!fault || delay === undefined) throw error;
      session.parts.report({
        level: 'warning',
        event: 'retry',
        message: `${what}: ${faultText(fault)}; again in ${Math.ceil(delay / 1000)} s`,
        attempt,
        ...faultFields(fault),
      });
      await session.pause(delay);
    }
  }
}
