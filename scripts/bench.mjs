// `npm run bench`: time and memory of a synthesis by stage, at growing sizes, beside `helm template` and
// `kubectl kustomize` over the same objects in the same run. Options: --sizes 1,100,1000,5000  --runs 3  --json
// Files go into memory (/dev/shm) where there is room, since a disk's own time varies tenfold; TMPDIR=<folder> measures a disk, too.
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './counts.mjs';
import { tool } from './bench/tools.mjs';

/** Where Linux has a file system in memory. */
const MEMORY = '/dev/shm';
/** More than the trees of all runs of 5,000 Workspaces need. */
const MEMORY_BYTES = 4 * 1024 ** 3;
/** kustomize is quadratic: what it has not finished by then, it is not waited for. */
const PEER_TIMEOUT_SECONDS = 180;

const { values: options } = parseArgs({
  options: {
    sizes: { type: 'string', default: '1,100,1000,5000' },
    runs: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
});
const sizes = options.sizes.split(',').map(Number);
const runs = Number(options.runs);
if (!existsSync(join(root, 'lib', 'index.js'))) {
  console.error('lib/ is missing: run "npm run build" first');
  process.exit(1);
}

const helm = tool('helm');
const kubectl = tool('kubectl');
// Trees are kept until the end: ext4 without a journal searches long for an inode where many were freed in the last minutes
// (35,000 files took 0.6 s and, after such a removal, 13 to 29 s), and the next measurement would pay for the last one's removal.
const scratch = mkdtempSync(join(scratchBase(), 'slipway-bench-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
const note = (text) => process.stderr.write(`${text}\n`);
note(
  `helm ${helm.version}, kubectl ${kubectl.version}, node ${process.version}; median of ${runs} runs; files in ${dirname(scratch)}`,
);

const rows = sizes.map((size) => measure(size));
const exponents = rows.slice(1).map((row, index) => {
  const before = rows[index];
  return {
    from: before.workspaces,
    to: row.workspaces,
    exponent: Math.log(row.total / before.total) / Math.log(row.workspaces / before.workspaces),
  };
});
if (options.json) console.log(JSON.stringify({ rows, exponents }, null, 2));
else print();

/** The folder for what is written: the user's, else memory with enough room, else the system's. */
function scratchBase() {
  if (process.env.TMPDIR || !existsSync(MEMORY)) return tmpdir();
  const { bavail, bsize } = statfsSync(MEMORY);
  return bavail * bsize >= MEMORY_BYTES ? MEMORY : tmpdir();
}

function measure(size) {
  note(`${size} Workspaces ...`);
  const ours = [];
  const chart = join(scratch, 'chart');
  const peers = { helm: [], helmFiles: [] };
  const files = [];
  for (let run = 0; run < runs; run += 1) {
    const folder = join(scratch, `tree-${size}-${run}`);
    ours.push(synth(size, folder));
    if (!existsSync(chart)) writeChart(folder, chart);
    peers.helm.push(time(helm.path, ['template', 'bench', chart, '--set', `count=${size}`]));
    const out = join(scratch, `helm-${size}-${run}`);
    peers.helmFiles.push(
      time(helm.path, ['template', 'bench', chart, '--set', `count=${size}`, '--output-dir', out]),
    );
    files.push(createFiles(folder, join(scratch, `files-${size}-${run}`)));
  }
  const kustomize = time(kubectl.path, ['kustomize', onlyObjects(join(scratch, `tree-${size}-${runs - 1}`))]);
  const stages = Object.fromEntries(
    Object.keys(ours[0].stages).map((stage) => [stage, median(ours.map((one) => one.stages[stage]))]),
  );
  return {
    workspaces: size,
    files: ours[0].files,
    stages,
    total: median(ours.map((one) => one.total)),
    maxRssMiB: median(ours.map((one) => one.maxRssMiB)),
    helm: median(peers.helm),
    helmFiles: median(peers.helmFiles),
    bareFiles: median(files),
    kustomize,
  };
}

function synth(size, folder) {
  const started = process.hrtime.bigint();
  const run = spawnSync(
    process.execPath,
    [join(root, 'scripts', 'bench', 'fleet.cjs'), String(size), folder],
    { encoding: 'utf8' },
  );
  const total = Number(process.hrtime.bigint() - started) / 1e6;
  if (run.status !== 0) throw new Error(`synthesis of ${size} Workspaces failed:\n${run.stderr}`);
  return { ...JSON.parse(run.stdout), total };
}

/** Milliseconds of a whole process, or null when it took too long. */
function time(program, args) {
  const started = process.hrtime.bigint();
  const run = spawnSync(program, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: PEER_TIMEOUT_SECONDS * 1000,
    encoding: 'utf8',
  });
  if (run.error?.code === 'ETIMEDOUT') return null;
  if (run.status !== 0) throw new Error(`${program} ${args[0]} failed:\n${run.stderr}`);
  return Number(process.hrtime.bigint() - started) / 1e6;
}

/** Milliseconds that this disk takes for the files of `tree` in folders of `copy`, with nothing else done. */
function createFiles(tree, copy) {
  const contents = readdirSync(tree, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const folder = entry.parentPath ?? entry.path;
      return {
        folder: folder.replace(tree, copy),
        name: entry.name,
        text: readFileSync(join(folder, entry.name)),
      };
    });
  const started = process.hrtime.bigint();
  const made = new Set();
  for (const { folder, name, text } of contents) {
    if (!made.has(folder)) mkdirSync(folder, { recursive: true });
    made.add(folder);
    writeFileSync(join(folder, name), text);
  }
  return Number(process.hrtime.bigint() - started) / 1e6;
}

/** A chart that makes, for `count` Workspaces, the objects that ours are: the first Workspace's, in a loop over the name. */
function writeChart(tree, chart) {
  mkdirSync(join(chart, 'templates'), { recursive: true });
  writeFileSync(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: bench\nversion: 0.1.0\n');
  writeFileSync(join(chart, 'values.yaml'), 'count: 1\n');
  const documents = objectFiles(tree)
    .filter((file) => /\bw0\b/.test(readFileSync(file, 'utf8')))
    .map((file) =>
      readFileSync(file, 'utf8')
        .replaceAll('{{', '{{ "{{" }}')
        .replaceAll(/\bw0\b/g, '{{ $name }}'),
    );
  writeFileSync(
    join(chart, 'templates', 'workspaces.yaml'),
    `{{- range $index := until (int .Values.count) }}\n{{- $name := printf "w%d" $index }}\n---\n${documents.join('---\n')}{{- end }}\n`,
  );
}

/** A kustomization over all object files of `tree`. */
function onlyObjects(tree) {
  const resources = objectFiles(tree).map((file) => file.slice(tree.length + 1));
  writeFileSync(
    join(tree, 'kustomization.yaml'),
    `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n${resources.map((file) => `  - ${file}\n`).join('')}`,
  );
  return tree;
}

function objectFiles(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.yaml') && entry.name !== 'kustomization.yaml')
    .map((entry) => join(entry.parentPath ?? dirname(entry.path), entry.name))
    .sort();
}

function median(numbers) {
  if (numbers.includes(null)) return null;
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

function print() {
  const ms = (value) =>
    value === null
      ? `> ${PEER_TIMEOUT_SECONDS} s`
      : value < 10_000
        ? `${value.toFixed(0)} ms`
        : `${(value / 1000).toFixed(1)} s`;
  const header = [
    'workspaces',
    'files',
    'boot',
    'construct',
    'render',
    'write',
    'bare files',
    'total',
    'memory',
    'helm template',
    '... to files',
    'kubectl kustomize',
    'total / helm',
  ];
  const table = [
    header,
    ...rows.map((row) => [
      String(row.workspaces),
      String(row.files),
      ms(row.stages.boot),
      ms(row.stages.construct),
      ms(row.stages.render),
      ms(row.stages.write),
      ms(row.bareFiles),
      ms(row.total),
      `${row.maxRssMiB.toFixed(0)} MiB`,
      ms(row.helm),
      ms(row.helmFiles),
      ms(row.kustomize),
      (row.total / row.helm).toFixed(2),
    ]),
  ];
  const widths = header.map((_, column) => Math.max(...table.map((line) => line[column].length)));
  for (const line of table) console.log(line.map((cell, column) => cell.padStart(widths[column])).join('  '));
  if (rows.some((row) => row.bareFiles > row.total / 4))
    note('creating files alone takes more than a quarter of the time here: it is the disk that is measured');
  for (const { from, to, exponent } of exponents)
    console.log(`growth from ${from} to ${to}: exponent ${exponent.toFixed(2)}`);
}
