import pc from 'picocolors';
import type { Clock } from '../clock';
import type { ProgressEvent, Reporter } from './event';

/** A reporter that writes one JSON object a line. */
export function ndjsonReporter(write: (line: string) => void, clock: Clock): Reporter {
  return (event) => {
    write(JSON.stringify(stamped(event, clock)) + '\n');
  };
}

/** A reporter that writes lines a person can follow. */
export function textReporter(write: (line: string) => void, clock: Clock, color: boolean): Reporter {
  const colors = pc.createColors(color);
  const paint = { info: String, warning: colors.yellow, error: colors.red };
  return (event) => {
    const { ts, level, pool, message, armRequestId } = stamped(event, clock);
    const request = armRequestId && level !== 'info' ? colors.dim(` (request ${armRequestId})`) : '';
    const subject = pool ? `${colors.bold(pool)}: ` : '';
    write(`${colors.dim(ts.slice(11, 19))} ${subject}${paint[level](message)}${request}\n`);
  };
}

function stamped(event: Omit<ProgressEvent, 'ts'>, clock: Clock): ProgressEvent {
  return { ts: new Date(clock.now()).toISOString(), ...event };
}
