import { combineExitCodes, EXIT, type ExitCode } from '../exit-code';

/** How one pool stands at the end of a run. */
export interface PoolResult {
  readonly pool: string;
  readonly result: string;
  readonly exitCode: ExitCode;
  readonly message: string;
}

/** How a run ended. */
export interface RunResult {
  readonly exitCode: ExitCode;
  /** Why the run as a whole stopped, when it did. */
  readonly failure?: string;
  readonly pools: readonly PoolResult[];
}

/** The result of a run over `pools` that came to its end. */
export function resultOf(pools: readonly PoolResult[]): RunResult {
  return { exitCode: combineExitCodes(pools.map(({ exitCode }) => exitCode)), pools };
}

/** Kubernetes keeps this many bytes of a termination message. */
const MAX_TERMINATION_BYTES = 4096;

/** The result in a few lines: for `kubectl get pod`, the Event and the last line of the log. Failures come first. */
export function summaryOf(result: RunResult): string {
  const failed = result.pools.filter(({ exitCode }) => exitCode !== EXIT.converged);
  const fine = result.pools.filter(({ exitCode }) => exitCode === EXIT.converged);
  const counted = `${fine.length} of ${result.pools.length} pools as described`;
  const lines = [
    `exit ${result.exitCode}: ${result.failure ?? counted}`,
    ...[...failed, ...fine].map(({ pool, result: what, message }) => `${pool}: ${what}: ${message}`),
  ];
  return fit(lines, MAX_TERMINATION_BYTES);
}

/** As many whole lines as fit, with a note of how many were left out; a line that is too long itself is cut. */
function fit(lines: readonly string[], bytes: number): string {
  const reserve = 40;
  const kept: string[] = [];
  let used = 0;
  for (const [index, line] of lines.entries()) {
    const room = bytes - used - reserve;
    const size = Buffer.byteLength(line) + 1;
    if (size > room) {
      if (room > 200) kept.push(cut(line, room - 4) + '...');
      const left = lines.length - index - (room > 200 ? 1 : 0);
      if (left > 0) kept.push(`(${left} more lines in the log)`);
      break;
    }
    kept.push(line);
    used += size;
  }
  return kept.join('\n');
}

function cut(line: string, bytes: number): string {
  // A character that the cut splits decodes to U+FFFD.
  return Buffer.from(line)
    .subarray(0, bytes)
    .toString()
    .replace(/\uFFFD+$/, '');
}
