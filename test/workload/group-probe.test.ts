import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROBE_PROGRAM } from '../../src/workload/images/vllm/group-probe';

let folder: string;
let server: Server;
let isWell = true;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-probe-'));
  server = createServer((_request, response) => {
    response.statusCode = isWell ? 200 : 503;
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  // The program asks the server's port and marks below /tmp: both are this test's own here.
  const program = PROBE_PROGRAM.replace(':5000/', `:${port}/`).replace('/tmp/', `${folder}/`);
  writeFileSync(join(folder, 'probe.py'), program);
});

afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

function ask(question: string, index: string): Promise<number | null> {
  return new Promise((resolve) => {
    spawn('python3', [join(folder, 'probe.py'), question, '127.0.0.1'], {
      env: { ...process.env, POD_INDEX: index },
    }).on('close', resolve);
  });
}

test('the leader answers for its own health', async () => {
  expect([await ask('live', '0'), await ask('ready', '0')]).toEqual([0, 0]);
  isWell = false;
  expect([await ask('live', '0'), await ask('startup', '0')]).toEqual([1, 1]);
});

test('a worker is ready at once, and ends only after it has seen the leader well', async () => {
  isWell = false;
  expect([await ask('startup', '1'), await ask('ready', '1'), await ask('live', '1')]).toEqual([0, 0, 0]);
  isWell = true;
  expect(await ask('live', '1')).toBe(0);
  isWell = false;
  expect(await ask('live', '1')).toBe(1);
});
