// The programs that build and run images, and where their files are kept.
import { spawnSync } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Base layers, storage of buildah: everything that makes a second run fast. */
export const cacheFolder = join(process.env.SLIPWAY_CACHE || join(homedir(), '.cache', 'slipway'), 'image');

const BUILDAH = 'buildah';
const PACKAGES = [BUILDAH, 'debootstrap', 'runc'];

/**
 * Run a program to its end and return what it printed.
 *
 * @throws Error with the end of its output when it fails.
 */
export function run(command, args, options = {}) {
  const done = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 28, ...options });
  if (done.error) throw new Error(`${command}: ${done.error.message}`);
  if (done.status !== 0) {
    const output = `${done.stdout ?? ''}${done.stderr ?? ''}`.trim().split('\n').slice(-25).join('\n');
    throw new Error(`${[command, ...args].join(' ')} ended with ${done.signal ?? done.status}:\n${output}`);
  }
  return done.stdout;
}

/**
 * Install what is missing.
 *
 * @throws Error that says what to do, when this is not root on a Debian.
 */
export function requireTools() {
  const missing = PACKAGES.filter((name) => spawnSync('which', [name]).status !== 0);
  if (process.getuid() !== 0) throw new Error('building and running images without a daemon needs root');
  if (missing.length === 0) return;
  if (spawnSync('which', ['apt-get']).status !== 0) {
    throw new Error(`install ${missing.join(', ')}; only Debian packages are installed by this script`);
  }
  console.log(`installing ${missing.join(', ')} ...`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  run('apt-get', ['update', '-qq'], { env });
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], { env });
}

let driver;
/** buildah with a storage of our own, so that nobody's images are touched. */
export function buildah(args, options = {}) {
  driver ??= storageDriver();
  return run(BUILDAH, [...storage(driver), ...args], {
    ...options,
    env: { ...process.env, BUILDAH_ISOLATION: 'chroot', ...options.env },
  });
}

function storage(name) {
  return [
    '--root',
    join(cacheFolder, `storage-${name}`),
    '--runroot',
    '/run/slipway-image',
    '--storage-driver',
    name,
  ];
}

/** overlay where the kernel lets us (layers share files); vfs everywhere else (each layer is a whole copy). */
function storageDriver() {
  const probe = spawnSync(BUILDAH, [...storage('overlay'), 'info'], { encoding: 'utf8' });
  return probe.status === 0 ? 'overlay' : 'vfs';
}
