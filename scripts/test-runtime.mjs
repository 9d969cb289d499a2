// `npm run test:runtime`: style, types and tests of the Python package in runtime/. Nothing is skipped: the environment
// is made first if it is not there. Arguments go to pytest; the last line is `N passed, N failed`.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, writeCounts } from './counts.mjs';
import { runtimeEnvironment } from './runtime-env.mjs';

const runtime = join(root, 'runtime');
const environment = await runtimeEnvironment().catch((error) => {
  console.error(`error: ${error.message}`);
  console.log('0 passed, 1 failed');
  writeCounts('runtime', { passed: 0, failed: 1 });
  process.exit(1);
});
const report = mkdtempSync(join(tmpdir(), 'slipway-runtime-'));

function run(name, args) {
  console.log(`-- ${name} ${args.join(' ')}`);
  return spawnSync(join(environment, 'bin', name), args, {
    cwd: runtime,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...process.env,
      PATH: `${join(environment, 'bin')}:${process.env.PATH}`,
      PYTHONPATH: join(runtime, 'src'),
      OMP_NUM_THREADS: '1',
      HF_HUB_OFFLINE: '1',
    },
  }).status;
}

/** The numbers in pytest's JUnit report; a test that was skipped counts as failed. */
function read(file) {
  const head = /<testsuite [^>]*>/.exec(readFileSync(file, 'utf8'))?.[0] ?? '';
  const number = (name) => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(head)?.[1] ?? 0);
  const failed = number('errors') + number('failures') + number('skipped');
  return { passed: number('tests') - failed, failed };
}

const counts = { passed: 0, failed: 0 };
const add = (passed, failed) => {
  counts.passed += passed;
  counts.failed += failed;
};
for (const [name, ...args] of [['ruff', 'check', '.'], ['ruff', 'format', '--check', '.'], ['mypy']]) {
  const ok = run(name, args) === 0;
  add(ok ? 1 : 0, ok ? 0 : 1);
}
const junit = join(report, 'junit.xml');
const status = run('pytest', ['-q', `--junitxml=${junit}`, ...process.argv.slice(2)]);
try {
  const tests = read(junit);
  add(tests.passed, tests.failed);
  if (status !== 0 && tests.failed === 0) add(0, 1);
} catch {
  add(0, 1);
}
rmSync(report, { recursive: true, force: true });
writeCounts('runtime', counts);
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exit(counts.failed === 0 ? 0 : 1);
