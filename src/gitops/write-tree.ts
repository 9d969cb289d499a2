import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Tree } from './tree';

/** File in the root that lists what is ours: path and SHA-256 of each generated file. */
export const MANIFEST = 'slipway-manifest.json';

/** What writing a tree changed. */
export interface WriteReport {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  readonly unchanged: number;
  /** Generated files that somebody had edited since; they were written over (Git has the edit, if it was committed). */
  readonly editedByHand: readonly string[];
}

/** Files that stand where a generated file belongs, and that the manifest does not list as ours. */
export class ForeignFilesError extends Error {
  override readonly name = 'ForeignFilesError';

  constructor(
    readonly root: string,
    readonly paths: readonly string[],
  ) {
    super(
      `${paths.map((path) => join(root, path)).join(', ')}: not made by Slipway (not listed in ${MANIFEST}), so not written over; move or delete ${paths.length === 1 ? 'it' : 'them'}, or choose another output folder`,
    );
  }
}

interface Manifest {
  readonly files: Readonly<Record<string, string>>;
}

/**
 * Make the folder `root` hold `tree`. Only files that differ are written, so that a second run writes nothing; files that
 * an earlier run made and this one did not are removed; files that were never ours are left alone. Everything is staged
 * beside `root` first: when writing fails (a full disk, missing rights), `root` is as it was.
 *
 * @throws ForeignFilesError before anything is touched.
 */
export function writeTree(root: string, tree: Tree): WriteReport {
  const target = resolve(root);
  const isNew = !existsSync(target);
  const before = readManifest(target);
  const hashes: Record<string, string> = {};
  const toWrite: string[] = [];
  const added: string[] = [];
  const changed: string[] = [];
  const foreign: string[] = [];
  const editedByHand: string[] = [];
  for (const [path, content] of tree) {
    const hash = sha256(content);
    hashes[path] = hash;
    const existing = isNew ? undefined : readIfThere(join(target, path));
    if (existing === content) continue;
    toWrite.push(path);
    if (existing === undefined) {
      added.push(path);
      continue;
    }
    changed.push(path);
    const known = before.files[path];
    if (known === undefined) foreign.push(path);
    else if (known !== sha256(existing)) editedByHand.push(path);
  }
  if (foreign.length > 0) throw new ForeignFilesError(root, foreign);

  const removed = Object.keys(before.files).filter((path) => !tree.has(path) && existsSync(join(target, path)));
  const manifest = printManifest(hashes);
  mkdirSync(dirname(target), { recursive: true });
  const scratch = mkdtempSync(join(dirname(target), `.${basename(target)}-`));
  try {
    // A folder inside the scratch folder, since that one has the rights of a temporary folder.
    const staging = join(scratch, 'tree');
    mkdirSync(staging);
    writeFiles(staging, toWrite, tree);
    writeFileSync(join(staging, MANIFEST), manifest);
    if (isNew) renameSync(staging, target);
    else moveInto(target, staging, [...toWrite, MANIFEST]);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  for (const path of removed) removeWithEmptyFolders(target, path);
  return { added, changed, removed, unchanged: tree.size - toWrite.length, editedByHand };
}

function writeFiles(folder: string, paths: readonly string[], tree: Tree): void {
  const made = new Set<string>();
  for (const path of paths) {
    const file = join(folder, path);
    makeFolder(dirname(file), made);
    writeFileSync(file, tree.get(path) ?? '');
  }
}

function moveInto(target: string, staging: string, paths: readonly string[]): void {
  const made = new Set<string>();
  for (const path of paths) {
    makeFolder(dirname(join(target, path)), made);
    renameSync(join(staging, path), join(target, path));
  }
}

function makeFolder(folder: string, made: Set<string>): void {
  if (made.has(folder)) return;
  mkdirSync(folder, { recursive: true });
  made.add(folder);
}

function removeWithEmptyFolders(root: string, path: string): void {
  rmSync(join(root, path), { force: true });
  for (let folder = dirname(join(root, path)); folder !== root; folder = dirname(folder)) {
    try {
      rmdirSync(folder);
    } catch {
      return; // not empty: something else lives there
    }
  }
}

function readManifest(root: string): Manifest {
  const text = readIfThere(join(root, MANIFEST));
  if (text === undefined) return { files: {} };
  try {
    const manifest = JSON.parse(text) as Partial<Manifest>;
    if (manifest.files !== undefined) return { files: manifest.files };
  } catch {
    // reported below
  }
  throw new Error(
    `${join(root, MANIFEST)} is not the JSON that Slipway wrote (a merge conflict?): take either side of it from Git and run synth again`,
  );
}

/** One file a line, so that Git merges two changes of it. */
function printManifest(hashes: Readonly<Record<string, string>>): string {
  const lines = Object.keys(hashes)
    .sort()
    .map((path) => `    ${JSON.stringify(path)}: ${JSON.stringify(hashes[path])}`);
  return `{\n  "files": {\n${lines.join(',\n')}\n  }\n}\n`;
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function sha256(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}
