// `npm run verify`: everything that has to hold before a change is merged, in the order in which it fails fastest.
// Its last line is the sum of all suites: `N passed, N failed`.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { clearCounts, readCounts, root } from './counts.mjs';

/**
 * A check counts as one test; a suite writes its own counts. Suites that start servers and builds get a second attempt, since a
 * busy machine can starve one of them; the summary says when it was needed. The control plane's does so by itself, run by run.
 */
const STEPS = [
  { name: 'lint', script: 'lint' },
  { name: 'types', script: 'types' },
  { name: 'layers', script: 'layers' },
  { name: 'dead code', script: 'dead-code' },
  { name: 'tests (Node)', script: 'test', suite: 'node' },
  { name: 'package', script: 'package:check' },
  { name: 'tests (runtime, Python)', script: 'test:runtime', suite: 'runtime', attempts: 2 },
  { name: 'runtime image', script: 'image:check', suite: 'image', attempts: 2 },
  { name: 'tests (control plane, Go)', script: 'e2e:examples', suite: 'e2e' },
];

const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
if (!existsSync(join(root, 'node_modules'))) {
  console.error('node_modules is missing: run "npm ci" first');
  process.exit(1);
}

clearCounts();
let passed = 0;
let failed = 0;
const summary = [];
for (const step of STEPS) {
  if (!(step.script in scripts)) continue;
  const started = Date.now();
  let counts = { passed: 0, failed: 1 };
  let attempt = 0;
  while (counts.failed > 0 && attempt < (step.attempts ?? 1)) {
    attempt += 1;
    console.log(`\n== ${step.name}${attempt > 1 ? `, attempt ${attempt}` : ''}: npm run ${step.script}`);
    counts = run(step);
  }
  passed += counts.passed;
  failed += counts.failed;
  const seconds = ((Date.now() - started) / 1000).toFixed(0);
  const tries = attempt > 1 ? `, ${attempt} attempts` : '';
  summary.push(
    `${counts.failed === 0 ? 'ok  ' : 'FAIL'} ${step.name} (${seconds} s${tries}): ${counts.passed} passed, ${counts.failed} failed`,
  );
}

/** The counts of one attempt at `step`. */
function run(step) {
  const { status } = spawnSync('npm', ['run', '--silent', step.script], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const ok = status === 0;
  if (step.suite === undefined) return { passed: ok ? 1 : 0, failed: ok ? 0 : 1 };
  const counts = readCounts(step.suite) ?? { passed: 0, failed: 1 };
  // A suite that fails without a failed test (a crash, no counts, nothing run) still is a failure.
  const isEmptyHanded = (!ok && counts.failed === 0) || (ok && counts.passed === 0);
  return isEmptyHanded ? { ...counts, failed: 1 } : counts;
}

console.log(`\n${summary.join('\n')}\n`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
