// `npm run test:runtime`: style, types and tests of the Python package in runtime/. Nothing is skipped: the environment
// is made first if it is not there. Arguments go to pytest; without any, two pytests share the tests, since most of
// them wait for servers and programs of one thread. The last line is `N passed, N failed`.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
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

/** Run a program to its end: its exit code, and what it printed where that is kept for later. */
function run(name, args, { keep = false } = {}) {
  console.log(`-- ${name} ${args.join(' ')}`);
  const output = keep ? 'pipe' : 'inherit';
  return new Promise((resolve) => {
    let text = '';
    const child = spawn(join(environment, 'bin', name), args, {
      cwd: runtime,
      stdio: ['ignore', output, output],
      env: {
        ...process.env,
        PATH: `${join(environment, 'bin')}:${process.env.PATH}`,
        PYTHONPATH: join(runtime, 'src'),
        OMP_NUM_THREADS: '1',
        HF_HUB_OFFLINE: '1',
      },
    });
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (part) => (text += part));
    child.on('error', (error) => resolve({ status: 1, text: `${name}: ${error.message}\n` }));
    child.on('close', (status) => resolve({ status: status ?? 1, text }));
  });
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
  const { status } = await run(name, args);
  add(status === 0 ? 1 : 0, status === 0 ? 0 : 1);
}

/** From training to an answer: as much a server's test as one of training, and the shares are of the same length so. */
const END_TO_END = 'tests/tune/test_end_to_end.py';
/** Shares of about the same length: servers here, training runs and registries there. */
const SHARES = {
  serve: ['tests/serve', END_TO_END],
  others: readdirSync(join(runtime, 'tests'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !/^(serve|__pycache__)$/.test(entry.name))
    .map(({ name }) => `tests/${name}`)
    .concat(`--ignore=${END_TO_END}`),
};
const given = process.argv.slice(2);
const shares = given.length > 0 ? { given } : SHARES;
await Promise.all(
  Object.entries(shares).map(async ([share, args], index) => {
    const junit = join(report, `${share}.xml`);
    // The first one shows how far it is; what the other prints comes when it has ended.
    const { status, text } = await run('pytest', ['-q', `--junitxml=${junit}`, ...args], { keep: index > 0 });
    if (text !== '') console.log(`-- pytest ${args.join(' ')} ended:\n${text}`);
    try {
      const tests = read(junit);
      add(tests.passed, tests.failed);
      if (status !== 0 && tests.failed === 0) add(0, 1);
    } catch {
      add(0, 1);
    }
  }),
);
rmSync(report, { recursive: true, force: true });
writeCounts('runtime', counts);
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exit(counts.failed === 0 ? 0 : 1);
