import { setTimeout as sleep } from 'node:timers/promises';

/** Pause between two looks. */
const PAUSE_MILLISECONDS = 250;

/**
 * Look again and again until `probe` returns, and return what it returned.
 *
 * @throws when it still throws after `timeoutSeconds`, with `what` was waited for and what the last look said.
 */
export async function eventually<T>(
  what: string,
  timeoutSeconds: number,
  probe: () => Promise<T> | T,
): Promise<T> {
  const deadline = Date.now() + timeoutSeconds * 1000;
  for (;;) {
    try {
      return await probe();
    } catch (error) {
      if (error instanceof GivenUp || Date.now() >= deadline) {
        const last = error instanceof Error ? error.message : String(error);
        const when = error instanceof GivenUp ? '' : ` within ${timeoutSeconds} s`;
        throw new Error(`${what}: not so${when}. Last seen: ${last}`, { cause: error });
      }
    }
    await sleep(PAUSE_MILLISECONDS);
  }
}

/** Thrown by a probe that knows that waiting longer does not help. */
export class GivenUp extends Error {}
