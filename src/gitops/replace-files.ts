import { existsSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { folderMaker, type Staging } from './staging';

/**
 * Put the staged files `written` into `target`, take `removed` away, and put `last` there at the end. When anything of it
 * fails, everything is put back.
 */
export function replaceFiles(
  target: string,
  staging: Staging,
  changes: {
    readonly written: readonly string[];
    readonly removed: readonly string[];
    readonly last: string;
  },
): void {
  const undo: (() => void)[] = [];
  const makeFolder = folderMaker();
  const takeAway = (path: string): void => {
    const kept = join(staging.old, path);
    makeFolder(dirname(kept));
    renameSync(join(target, path), kept);
    undo.push(() => {
      renameSync(kept, join(target, path));
    });
  };
  const put = (path: string): void => {
    const place = join(target, path);
    undo.push(() => {
      removeEmptyFolders(target, path);
    });
    makeFolder(dirname(place));
    if (existsSync(place)) takeAway(path);
    renameSync(join(staging.files, path), place);
    undo.push(() => {
      rmSync(place);
    });
  };
  try {
    changes.written.forEach(put);
    changes.removed.forEach(takeAway);
    put(changes.last);
  } catch (error) {
    putBack(target, undo, error);
    throw error;
  }
  for (const path of changes.removed) removeEmptyFolders(target, path);
}

function putBack(target: string, undo: readonly (() => void)[], cause: unknown): void {
  try {
    for (const step of undo.toReversed()) step();
  } catch (error) {
    const reasons = [cause, error].map(String).join('; then ');
    throw new Error(`${target} is left half written (${reasons}): take it from Git and run it again`, {
      cause: error,
    });
  }
}

/** Remove the folders that held `path`, as far as they are empty. */
function removeEmptyFolders(root: string, path: string): void {
  for (let folder = dirname(join(root, path)); folder !== root; folder = dirname(folder)) {
    try {
      rmdirSync(folder);
    } catch {
      return; // not empty: something else lives there
    }
  }
}
