import { accessSync, constants } from 'node:fs';
import { connect } from 'node:net';
import { delimiter, join } from 'node:path';
import { runCommand } from '../process/command';
import type { ProgramSpec } from '../process/program';

/** The Debian package with the program itself; `redis-server` adds a system service, which the bench has no use for. */
const PACKAGE = 'redis-tools';
/** One program that is a server when it is called `redis-server`. */
const PROGRAM = 'redis-check-rdb';
const INSTALL_LIMIT_SECONDS = 300;

/**
 * Find Redis, or install it from Debian's archive when this user may.
 *
 * @throws with what to do when it is missing and cannot be installed.
 */
export async function findRedis(report: (line: string) => void): Promise<string> {
  const found = which('redis-server', PROGRAM);
  if (found !== undefined) return found;
  const advice = `install it (Debian and Ubuntu: \`apt-get install ${PACKAGE}\`) and run again`;
  if (process.getuid?.() !== 0)
    throw new Error(`Argo CD needs redis-server, and it is not on the PATH: ${advice}`);
  report(`installing ${PACKAGE} for Argo CD`);
  const install = async (): Promise<unknown> =>
    runCommand('apt-get', ['install', '-y', '--no-install-recommends', PACKAGE], {
      env: { DEBIAN_FRONTEND: 'noninteractive' },
      limitSeconds: INSTALL_LIMIT_SECONDS,
    });
  try {
    // The list of packages may be missing or old.
    await install().catch(async () => {
      await runCommand('apt-get', ['update'], { limitSeconds: INSTALL_LIMIT_SECONDS });
      await install();
    });
  } catch (error) {
    throw new Error(`Argo CD needs redis-server, and it could not be installed: ${advice}`, { cause: error });
  }
  const installed = which('redis-server', PROGRAM);
  if (installed === undefined) throw new Error(`${PACKAGE} is installed and has no ${PROGRAM}: ${advice}`);
  return installed;
}

/** Redis in memory. */
export function redis(command: string, port: number): ProgramSpec {
  return {
    name: 'redis',
    command,
    argv0: 'redis-server',
    args: ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--appendonly', 'no'],
    ready: () =>
      new Promise((resolve, reject) => {
        const socket = connect(port, '127.0.0.1', () => {
          socket.end();
          resolve();
        });
        socket.on('error', reject);
      }),
  };
}

/** The first of `names` that the PATH has. */
function which(...names: readonly string[]): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isProgram);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
