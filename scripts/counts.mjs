// Test counts that one suite leaves for `npm run verify` to add up: {"passed": N, "failed": N} in .slipway/results/.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const folder = join(root, '.slipway', 'results');

/** Path of the file that holds the counts of `suite`. */
export const countsFile = (suite) => join(folder, `${suite}.json`);

/** Write the counts of `suite`. */
export function writeCounts(suite, counts) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(countsFile(suite), JSON.stringify(counts) + '\n');
}

/** Forget the counts of an earlier run, so that a suite which writes none is noticed. */
export function clearCounts() {
  rmSync(folder, { recursive: true, force: true });
}

/** The counts of `suite`, or undefined when it wrote none. */
export function readCounts(suite) {
  try {
    return JSON.parse(readFileSync(countsFile(suite), 'utf8'));
  } catch {
    return undefined;
  }
}
