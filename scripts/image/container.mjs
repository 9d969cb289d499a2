// A container of an image with everything taken away that a restricted pod does not have.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildah } from './tools.mjs';

/** The part of the OCI configuration of an image that decides how it runs. */
export function imageConfig(image) {
  return JSON.parse(buildah(['inspect', '--type', 'image', image])).OCIv1;
}

/** The root file system of an image, mounted; call `release` when done. */
export function mountImage(image) {
  const container = buildah(['from', '--pull-never', image]).trim();
  const rootfs = buildah(['mount', container]).trim();
  return { rootfs, release: () => void buildah(['rm', container]) };
}

/**
 * An OCI bundle: the image's own user, environment and entrypoint (or `command` in its place); read-only root, no
 * capability, no new privileges, a /tmp in memory as the one writable place. The network is the host's.
 */
export function makeBundle({ folder, rootfs, config, args, command, mounts = [], env = [] }) {
  mkdirSync(folder, { recursive: true });
  const [uid, gid] = config.User.split(':').map(Number);
  const tmpfs = (destination, size) => ({
    destination,
    type: 'tmpfs',
    source: 'tmpfs',
    options: ['nosuid', 'nodev', 'mode=1777', `size=${size}`],
  });
  const bundle = {
    ociVersion: '1.0.2',
    process: {
      terminal: false,
      user: { uid, gid },
      args: [...(command ?? config.Entrypoint), ...args],
      env: [...config.Env, ...env],
      cwd: config.WorkingDir || '/',
      capabilities: { bounding: [], effective: [], inheritable: [], permitted: [], ambient: [] },
      noNewPrivileges: true,
    },
    root: { path: rootfs, readonly: true },
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755', 'size=65536k'] },
      { destination: '/sys', type: 'bind', source: '/sys', options: ['rbind', 'ro'] },
      tmpfs('/dev/shm', '1g'),
      tmpfs('/tmp', '4g'),
      ...mounts.map(({ source, destination, writable }) => ({
        destination,
        type: 'bind',
        source,
        options: ['bind', writable ? 'rw' : 'ro'],
      })),
    ],
    linux: { namespaces: [{ type: 'pid' }, { type: 'ipc' }, { type: 'uts' }, { type: 'mount' }] },
  };
  writeFileSync(join(folder, 'config.json'), JSON.stringify(bundle));
  return folder;
}

/** runc also works where control groups of both versions are mounted side by side; crun does not. */
const RUNC = 'runc';
const RUNC_OPTIONS = ['--root', '/run/slipway-runc'];

/** Run a bundle to its end: exit code and output. */
export function runBundle(folder, name) {
  const done = spawnSync(RUNC, [...RUNC_OPTIONS, 'run', '--bundle', folder, name], { encoding: 'utf8' });
  return { code: done.status, output: `${done.stdout}${done.stderr}` };
}

/** Start a bundle; `stop` sends SIGTERM to its process 1, as the kubelet does, and gives the exit code. */
export function startBundle(folder, name) {
  let output = '';
  const child = spawn(RUNC, [...RUNC_OPTIONS, 'run', '--bundle', folder, name], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text) => (output += text));
  }
  const ended = new Promise((resolve) => child.on('exit', (code) => resolve(code)));
  return {
    output: () => output,
    hasEnded: () => child.exitCode !== null,
    stop: () => {
      spawnSync(RUNC, [...RUNC_OPTIONS, 'kill', name, 'TERM']);
      const last = setTimeout(() => spawnSync(RUNC, [...RUNC_OPTIONS, 'kill', name, 'KILL']), 60_000);
      return ended.finally(() => clearTimeout(last));
    },
  };
}
