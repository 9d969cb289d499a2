// `npm test`: every test that needs Node alone. Arguments go to jest: `npm test -- sizing`.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root, writeCounts } from './counts.mjs';

const report = join(root, '.slipway', 'jest.json');
mkdirSync(join(root, '.slipway'), { recursive: true });
rmSync(report, { force: true });
const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
const run = spawnSync(
  process.execPath,
  [jest, '--json', `--outputFile=${report}`, ...process.argv.slice(2)],
  {
    cwd: root,
    // --json prints the report on stdout as well; the file has it already.
    stdio: ['ignore', 'ignore', 'inherit'],
  },
);

let result;
try {
  result = JSON.parse(readFileSync(report, 'utf8'));
} catch {
  console.error('jest wrote no report: it did not start, or it was stopped');
  process.exit(run.status || 1);
}
const passed = result.numPassedTests;
const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
const skipped = result.numPendingTests + result.numTodoTests;
writeCounts('node', { passed, failed, skipped });
if (skipped > 0) console.error(`${skipped} tests were skipped: a test that does not run proves nothing`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(run.status !== 0 || failed > 0 || skipped > 0 || passed === 0 ? 1 : 0);
