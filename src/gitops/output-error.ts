import { join } from 'node:path';
import { MANIFEST } from './manifest';

/** The tree was not written, for a reason that its owner can mend; nothing of it has changed. */
export class OutputError extends Error {
  override readonly name: string = 'OutputError';

  /** @param isInput true where another output folder, or another content of it, is what is needed */
  constructor(
    message: string,
    readonly isInput: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Files that stand where a generated file belongs, and that the manifest does not list as ours. */
export class ForeignFilesError extends OutputError {
  override readonly name = 'ForeignFilesError';

  constructor(
    readonly root: string,
    readonly paths: readonly string[],
  ) {
    super(
      `${paths.map((path) => join(root, path)).join(', ')}: not made by Slipway (not listed in ${MANIFEST}), so not written over; move or delete ${paths.length === 1 ? 'it' : 'them'}, or choose another output folder`,
      true,
    );
  }
}

/** Node's codes of failed system calls, in words, and what to do. */
const REASONS: Readonly<Record<string, readonly [reason: string, next: string]>> = {
  ENOSPC: ['the disk is full', 'free some space and run it again'],
  EDQUOT: ['the disk quota is used up', 'free some space and run it again'],
  EROFS: ['the file system is read-only', 'choose another output folder'],
  EACCES: ['permission denied', 'see that you may write there, or choose another output folder'],
  EPERM: ['permission denied', 'see that you may write there, or choose another output folder'],
  ENOENT: ['the folder cannot be made', 'see that you may write there, or choose another output folder'],
  ENOTDIR: ['a file stands where a folder is needed', 'move or delete it, or choose another output folder'],
  EEXIST: ['a file stands where a folder is needed', 'move or delete it, or choose another output folder'],
  EISDIR: ['a folder stands where a file is needed', 'move or delete it, or choose another output folder'],
  ENAMETOOLONG: ['the path is too long', 'choose an output folder with a shorter path'],
};
/** Of these, the ones that another choice of the folder mends. */
const OF_INPUT: ReadonlySet<string> = new Set(['ENOTDIR', 'EEXIST', 'EISDIR', 'ENAMETOOLONG']);

/** `error` in words where it is one of the file system, as it is otherwise. */
export function outputError(root: string, error: unknown): unknown {
  if (typeof error !== 'object' || error === null || !('code' in error)) return error;
  const code = String(error.code);
  const known = REASONS[code];
  if (known === undefined) return error;
  const path = 'path' in error && typeof error.path === 'string' ? error.path : root;
  return new OutputError(`${path}: ${known[0]}; ${known[1]}`, OF_INPUT.has(code), { cause: error });
}
