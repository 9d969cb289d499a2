import { systemClock, type Clock } from '../../../../src/provisioner/clock';

/** How many times as fast as the machine's time the provisioner's passes. */
export const SPEED = 5;

/**
 * A clock that runs faster. All programs of one bench tell the same time, since they compare what they write into a lease.
 *
 * @param epoch when the bench began, in milliseconds since 1970: until then both clocks are the same
 */
export function fastClock(epoch: number): Clock {
  return {
    now: () => epoch + (Date.now() - epoch) * SPEED,
    sleep: (milliseconds, signal) => systemClock.sleep(milliseconds / SPEED, signal),
    random: () => Math.random(),
  };
}
