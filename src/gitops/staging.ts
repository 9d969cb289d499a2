import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parseManifest, type Hashes } from './manifest';
import type { Tree } from './tree';

const PREFIX = '.slipway-staging-';
/** What a run is about to write: were it killed, the next one would know the files as ours. */
const JOURNAL = 'journal.json';

/** Files written beside their final place, on the same file system, so that a rename puts them there. */
export interface Staging {
  readonly folder: string;
  /** Folder with the new files. */
  readonly files: string;
  /** Folder for the old files while the new ones are put in their place. */
  readonly old: string;
}

/**
 * Write the files `paths` of `tree`, and the new `manifest`, into a folder in `target`; for a new tree into one beside it.
 * The caller removes the folder.
 */
export function stage(target: string, paths: readonly string[], tree: Tree, manifest: string): Staging {
  const parent = existsSync(target) ? target : dirname(target);
  mkdirSync(parent, { recursive: true });
  const folder = join(parent, `${PREFIX}${process.pid}`);
  const staging = { folder, files: join(folder, basename(target)), old: join(folder, 'old') };
  // Not with `recursive`, which says that the folder does not exist where it may not be made.
  mkdirSync(folder);
  try {
    mkdirSync(staging.files);
    writeFileSync(join(folder, JOURNAL), manifest);
    const makeFolder = folderMaker();
    for (const path of paths) {
      const file = join(staging.files, path);
      makeFolder(dirname(file));
      writeFileSync(file, tree.get(path) ?? '');
    }
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  return staging;
}

/** A function that makes folders and remembers which it has made. */
export function folderMaker(): (folder: string) => void {
  const made = new Set<string>();
  return (folder) => {
    if (made.has(folder)) return;
    mkdirSync(folder, { recursive: true });
    made.add(folder);
  };
}

/** Remove what runs that were killed have left in and beside `target`, and return what they were about to write. */
export function clearStaging(target: string): Hashes {
  const journals: Hashes[] = [];
  for (const parent of new Set([target, dirname(target)])) {
    for (const name of namesIn(parent)) {
      if (!name.startsWith(PREFIX) || isRunning(Number(name.slice(PREFIX.length)))) continue;
      const folder = join(parent, name);
      // Beside the target lie the folders of other trees as well.
      if (parent !== target && !existsSync(join(folder, basename(target)))) continue;
      const journal = parseManifest(textOf(join(folder, JOURNAL)));
      if (journal !== null) journals.push(journal);
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return Object.assign({}, ...journals) as Hashes;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // not there yet, or not readable: writing tells
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function isRunning(pid: number): boolean {
  if (pid === process.pid) return false; // one that had our number before us
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
