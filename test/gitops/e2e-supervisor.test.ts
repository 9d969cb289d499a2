import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProgramSpec } from '../e2e/bench/process/program';
import { Supervisor } from '../e2e/bench/process/supervisor';

let folder: string;
let said: string[];
let supervisor: Supervisor;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-test-'));
  said = [];
  supervisor = new Supervisor(folder, (line) => said.push(line));
});

afterEach(async () => {
  await supervisor.stopAll();
  rmSync(folder, { recursive: true });
});

/** A program that runs `script`; it is ready when it has made the file `ready`. */
function program(script: string): ProgramSpec {
  return {
    name: 'program',
    command: process.execPath,
    args: ['-e', `const fs = require('node:fs'); ${script}`],
    ready: () => {
      if (!existsSync(join(folder, 'ready'))) throw new Error('not ready yet');
      return Promise.resolve();
    },
    readySeconds: 60,
  };
}

const LIVE = "fs.writeFileSync('ready', ''); setInterval(() => undefined, 1000);";

test('a program that ends by itself is started again, and it is said why', async () => {
  const dieOnce =
    "if (!fs.existsSync('died')) { fs.writeFileSync('died', ''); console.error('bind: address already in use'); process.exit(2); }";
  await supervisor.start(program(`${dieOnce} ${LIVE}`));
  expect(said.join('\n')).toMatch(/program: it ended with status 2; started again.*address already in use/s);
});

test('one that is stopped is not', async () => {
  const running = await supervisor.start(program(LIVE));
  await running.stop();
  await running.stop();
  expect(said).toEqual([]);
});

test('one that ends again and again is an error with the end of its log, for whoever waits for what it does, too', async () => {
  const dying = program("console.error('no such flag'); process.exit(1);");
  await expect(supervisor.start(dying)).rejects.toThrow(
    /program is ready: not so.*ended with status 1.*no such flag/s,
  );
  await expect(supervisor.broken).rejects.toThrow(/program: it ended with status 1.*no such flag/s);
  expect(said).toHaveLength(3);
}, 30_000);

test('one that is not there is an error at once', async () => {
  const missing = { ...program(''), command: join(folder, 'nowhere') };
  await expect(supervisor.start(missing)).rejects.toThrow(/does not start: .*ENOENT/);
});
