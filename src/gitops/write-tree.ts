import { existsSync, readFileSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { MANIFEST, parseManifest, printManifest, sha256, type Hashes } from './manifest';
import { ForeignFilesError, OutputError, outputError } from './output-error';
import { replaceFiles } from './replace-files';
import { clearStaging, stage } from './staging';
import type { Tree } from './tree';

/** What writing a tree changed. */
export interface WriteReport {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  readonly unchanged: number;
  /** Generated files that somebody had edited since; they were written over (Git has the edit, if it was committed). */
  readonly editedByHand: readonly string[];
}

/**
 * Make the folder `root` hold `tree`. Only files that differ are written, so that a second run writes nothing; files that
 * an earlier run made and this one did not are removed; files that were never ours are left alone. Everything is staged
 * first, and put back when putting it in place fails (a full disk, missing rights): `root` then is as it was. What a run
 * that was killed has half done, the next run finishes.
 *
 * @throws OutputError before anything is touched, or after everything was put back.
 */
export function writeTree(root: string, tree: Tree): WriteReport {
  try {
    return write(root, tree);
  } catch (error) {
    throw outputError(root, error);
  }
}

function write(root: string, tree: Tree): WriteReport {
  const isNew = !existsSync(resolve(root));
  const target = isNew ? resolve(root) : realpathSync(root);
  const interrupted = clearStaging(target);
  const { report, hashes, foreign } = compare(target, tree, isNew, interrupted);
  if (foreign.length > 0) throw new ForeignFilesError(root, foreign);

  const manifest = printManifest(hashes);
  const written = [...report.added, ...report.changed];
  const isManifestNew = readIfThere(join(target, MANIFEST)) !== manifest;
  if (written.length === 0 && report.removed.length === 0 && !isManifestNew) return report;
  const staging = stage(target, [...written, MANIFEST], new Map([...tree, [MANIFEST, manifest]]), manifest);
  try {
    if (isNew) renameSync(staging.files, target);
    else replaceFiles(target, staging, { written, removed: report.removed, last: MANIFEST });
  } finally {
    rmSync(staging.folder, { recursive: true, force: true });
  }
  return report;
}

/** What `tree` changes in the folder `target`, and which files there would be lost. */
function compare(target: string, tree: Tree, isNew: boolean, interrupted: Hashes) {
  const before = isNew ? {} : readManifest(target);
  const hashes: Record<string, string> = {};
  const added: string[] = [];
  const changed: string[] = [];
  const foreign: string[] = [];
  const editedByHand: string[] = [];
  for (const [path, content] of tree) {
    hashes[path] = sha256(content);
    const existing = isNew ? undefined : readIfThere(join(target, path));
    if (existing === content) continue;
    if (existing === undefined) {
      added.push(path);
      continue;
    }
    changed.push(path);
    const known = before[path];
    const found = sha256(existing);
    if (found === interrupted[path]) continue;
    if (known === undefined) foreign.push(path);
    else if (known !== found) editedByHand.push(path);
  }
  const ours = new Set([...Object.keys(before), ...Object.keys(interrupted)]);
  const removed = [...ours].filter(
    (path) => !tree.has(path) && isOurs(join(target, path), before[path], interrupted[path]),
  );
  const unchanged = tree.size - added.length - changed.length;
  return { report: { added, changed, removed: removed.sort(), unchanged, editedByHand }, hashes, foreign };
}

/** True for a file that is there and was ours before, or that a run which was killed has put there. */
function isOurs(file: string, known: string | undefined, interrupted: string | undefined): boolean {
  const text = readIfThere(file);
  return text !== undefined && (known !== undefined || sha256(text) === interrupted);
}

function readManifest(root: string): Hashes {
  const text = readIfThere(join(root, MANIFEST));
  if (text === undefined) return {};
  const files = parseManifest(text);
  if (files !== null) return files;
  throw new OutputError(
    `${join(root, MANIFEST)}: not the JSON that Slipway wrote (a merge conflict?); take either side of it from Git and run synth again`,
    true,
  );
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
