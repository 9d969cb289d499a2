// The two images, on a base made by debootstrap: no registry is asked for anything.
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { root } from '../counts.mjs';
import { buildah, cacheFolder, run } from './tools.mjs';

const SUITE = 'bookworm';
const BASE = `localhost/slipway-base:${SUITE}`;
const NODE_BASE = `localhost/slipway-node-base:${process.versions.node}`;
/** Where Debian is mirrored; people behind a mirror name it by the environment. */
const MIRROR = process.env.DEBIAN_MIRROR || 'http://deb.debian.org/debian';
/** A CA bundle is handed in when the environment names one: a proxy may be opening TLS. */
const CA_VARIABLES = ['PIP_CERT', 'SSL_CERT_FILE', 'REQUESTS_CA_BUNDLE', 'NODE_EXTRA_CA_CERTS'];
const INDEX_VARIABLES = ['UV_DEFAULT_INDEX', 'PIP_INDEX_URL'];

const hasImage = (name) => buildah(['images', '--format', '{{.Name}}:{{.Tag}}']).split('\n').includes(name);

/** The base image, imported once into our storage. */
function ensureBase() {
  if (hasImage(BASE)) return;
  const archive = join(cacheFolder, `base-${SUITE}.tar`);
  if (!existsSync(archive)) {
    const folder = join(cacheFolder, 'debootstrap');
    rmSync(folder, { recursive: true, force: true });
    console.log(`debootstrap ${SUITE} ...`);
    run('debootstrap', ['--variant=minbase', SUITE, folder, MIRROR]);
    run('tar', ['-C', folder, '--exclude=./var/cache/apt/*', '-cf', `${archive}.part`, '.']);
    renameSync(`${archive}.part`, archive);
    rmSync(folder, { recursive: true, force: true });
  }
  importImage(BASE, (container) => buildah(['add', '--quiet', container, archive, '/']), 'scratch');
}

/** What the official Node image has beyond Debian: node and npm, here those that run this script. */
function ensureNodeBase() {
  ensureBase();
  if (hasImage(NODE_BASE)) return;
  const npm = join(dirname(process.execPath), '..', 'lib', 'node_modules', 'npm');
  importImage(
    NODE_BASE,
    (container) => {
      buildah(['add', '--quiet', container, process.execPath, '/usr/local/bin/node']);
      buildah(['add', '--quiet', container, npm, '/usr/local/lib/node_modules/npm']);
      buildah([
        'run',
        container,
        '--',
        'ln',
        '-s',
        '../lib/node_modules/npm/bin/npm-cli.js',
        '/usr/local/bin/npm',
      ]);
    },
    BASE,
  );
}

function importImage(name, fill, from) {
  const container = buildah(['from', '--pull-never', from]).trim();
  try {
    fill(container);
    buildah(['commit', '--quiet', container, name]);
  } finally {
    buildah(['rm', container]);
  }
}

/** Options for what a network needs; secrets, so that none of it gets into an image. */
function networkOptions(scratch) {
  const options = [];
  const bundle = CA_VARIABLES.map((name) => process.env[name]).find((file) => file && existsSync(file));
  if (bundle !== undefined) options.push('--secret', `id=ca,src=${bundle}`);
  const index = INDEX_VARIABLES.map((name) => process.env[name]).find(Boolean);
  if (index !== undefined) {
    const file = join(scratch, 'index-url');
    writeFileSync(file, index, { mode: 0o600 });
    options.push('--secret', `id=index,src=${file}`);
  }
  return options;
}

/** Build the cpu target; the name of the image. The packages' layer is reused while the lock file is the same. */
export function buildRuntimeImage(scratch) {
  ensureBase();
  const lock = readFileSync(join(root, 'runtime', 'requirements', 'cpu.txt'));
  const tag = createHash('sha256').update(lock).digest('hex').slice(0, 16);
  const image = `localhost/slipway-runtime:cpu-${tag}`;
  // The same cache that the Python environment of the tests is made from: nothing is downloaded twice.
  const uvCache = process.env.UV_CACHE_DIR || join(homedir(), '.cache', 'uv');
  mkdirSync(uvCache, { recursive: true });
  buildah([
    ...['bud', '--layers', '--pull-never', '--target', 'cpu', '--tag', image],
    ...['--build-arg', `BASE_IMAGE=${BASE}`, '--build-arg', 'VERSION=0.1.0'],
    ...['--volume', `${uvCache}:/run/build/uv-cache`],
    ...networkOptions(scratch),
    join(root, 'runtime'),
  ]);
  return image;
}

/** Build the image of the Node programs from a folder with just what it takes. */
export function buildNodeImage(scratch) {
  ensureNodeBase();
  const context = join(scratch, 'node-context');
  mkdirSync(context);
  for (const file of ['package.json', 'package-lock.json', '.npmrc']) {
    if (existsSync(join(root, file))) copyFileSync(join(root, file), join(context, file));
  }
  copyFileSync(join(root, 'runtime', 'Containerfile.node'), join(context, 'Containerfile'));
  for (const folder of ['bin', 'presets', 'schemas']) {
    if (existsSync(join(root, folder)))
      cpSync(join(root, folder), join(context, folder), { recursive: true });
  }
  // Compiled anew: lib/ in the working tree may be older than src/.
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  run(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', join(context, 'lib')], { cwd: root });
  const image = 'localhost/slipway:check';
  buildah([
    ...['bud', '--layers', '--pull-never', '--tag', image, '--build-arg', `BASE_IMAGE=${NODE_BASE}`],
    ...networkOptions(scratch),
    context,
  ]);
  return image;
}
