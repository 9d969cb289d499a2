import { existsSync, mkdtempSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProgramSpec } from '../process/program';
import { expectOk } from './http';

/** Memory that a run may fill; below that the data goes to the disk. */
const WANTED_BYTES = 2 * 1024 ** 3;

/** A new data folder for etcd, in memory where there is room. */
export function etcdDataFolder(): string {
  const shared = '/dev/shm';
  const inMemory = existsSync(shared) && freeBytes(shared) > WANTED_BYTES;
  return mkdtempSync(join(inMemory ? shared : tmpdir(), 'slipway-etcd-'));
}

/** etcd for one API server on loopback. */
export function etcd(command: string, dataFolder: string, port: number, peerPort: number): ProgramSpec {
  const url = `http://127.0.0.1:${port}`;
  const peerUrl = `http://127.0.0.1:${peerPort}`;
  return {
    name: 'etcd',
    command,
    args: [
      '--name=bench',
      `--data-dir=${dataFolder}`,
      // The data does not outlive the bench.
      '--unsafe-no-fsync',
      `--listen-client-urls=${url}`,
      `--advertise-client-urls=${url}`,
      `--listen-peer-urls=${peerUrl}`,
      `--initial-advertise-peer-urls=${peerUrl}`,
      `--initial-cluster=bench=${peerUrl}`,
      '--log-level=warn',
    ],
    ready: () => expectOk(`${url}/health`),
  };
}

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}
