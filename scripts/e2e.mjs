// `npm run e2e`: the rendered tree on a real control plane. Leaves its counts for `npm run verify`.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root, writeCounts } from './counts.mjs';

const child = spawn(
  process.execPath,
  ['--import', 'tsx', join(root, 'test', 'e2e', 'main.ts'), ...process.argv.slice(2)],
  { cwd: root, stdio: ['inherit', 'inherit', 'inherit', 'ipc'] },
);

// The bench stops what it started, then ends; this process waits for it.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => child.kill(name));

// npm may be killed without a chance to pass that on: whoever is left without a parent ends, too.
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) child.kill('SIGTERM');
}, 1000).unref();

let counts;
child.on('message', (message) => {
  counts = message;
});
child.on('close', (code) => {
  if (counts === undefined) {
    process.exitCode = code ?? 1;
    return;
  }
  writeCounts('e2e', counts);
  console.log(`${counts.passed} passed, ${counts.failed} failed`);
  process.exitCode = code ?? 1;
});
