import { isUtf8 } from 'node:buffer';
import { closeSync, openSync, readFileSync, readdirSync, readSync, statSync } from 'node:fs';
import { basename, join, relative, resolve, sep } from 'node:path';
import { parse } from 'yaml';
import { isPlainMap } from '../../spec/shape/empty-fields';
import { SourceError, type ModelFile, type ModelSource } from './source';

/** A pointer that Git LFS leaves in the place of a file is smaller than this. */
const POINTER_BYTES = 1024;

/** A model in a local folder; nothing is fetched. */
export function folderSource(folder: string): ModelSource {
  const cached = hubCacheEntry(folder);
  return {
    label: folder,
    huggingFaceId: cached?.id ?? null,
    revision: cached?.revision ?? null,
    license: licenseOf(folder),
    gated: 'unknown',
    files: filesIn(folder),
    text: (path) => Promise.resolve(readText(folder, path)),
    head: (path, bytes) => Promise.resolve(readHead(join(folder, path), bytes)),
  };
}

/** The text of a file; null when there is none. */
function readText(folder: string, path: string): string | null {
  const file = join(folder, path);
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined) return null;
  if (!found.isFile()) {
    throw new SourceError(
      `${path} of ${folder} is not a file`,
      'name the folder that holds the files of the model',
    );
  }
  const bytes = readFileSync(file);
  if (!isUtf8(bytes)) throw new SourceError(`${path} of ${folder} is not UTF-8`, 'save it as UTF-8');
  return bytes.toString('utf8').replace(/^\uFEFF/, '');
}

/** Id and commit from a path in the cache of `huggingface_hub`: `models--owner--model/snapshots/<commit>`. */
function hubCacheEntry(folder: string): { id: string; revision: string } | null {
  const parts = resolve(folder).split(sep);
  const [repository, snapshots, revision] = parts.slice(-3);
  const [, owner, model] = /^models--([^-].*?)--(.+)$/.exec(repository ?? '') ?? [];
  if (snapshots !== 'snapshots' || owner === undefined || model === undefined) return null;
  return /^[0-9a-f]{40}$/.test(revision ?? '')
    ? { id: `${owner}/${model}`, revision: basename(folder) }
    : null;
}

/** The licence in the head of the model card. */
function licenseOf(folder: string): string | null {
  const card = join(folder, 'README.md');
  if (statSync(card, { throwIfNoEntry: false })?.isFile() !== true) return null;
  const head = /^---\r?\n([\s\S]*?)\r?\n---/.exec(readFileSync(card, 'utf8'))?.[1];
  if (head === undefined) return null;
  try {
    const value: unknown = parse(head);
    const license = isPlainMap(value) ? (value['license_name'] ?? value['license']) : undefined;
    return typeof license === 'string' && license !== '' ? license : null;
  } catch {
    // A model card that is not well-formed says nothing; the licence can be given by hand.
    return null;
  }
}

function filesIn(folder: string, root = folder): ModelFile[] {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const file = join(folder, entry.name);
      if (entry.isDirectory()) return entry.name.startsWith('.') ? [] : filesIn(file, root);
      return [{ path: relative(root, file).split(sep).join('/'), bytes: sizeOf(file) }];
    });
}

function sizeOf(file: string): number {
  // A link that leads nowhere, as in a cache that was tidied up, is no file.
  const size = fileSize(file);
  if (size === 0 || size > POINTER_BYTES) return size;
  const pointed = /^version https:\/\/git-lfs[\s\S]*^size (\d+)$/m.exec(readFileSync(file, 'latin1'))?.[1];
  return pointed === undefined ? size : Number(pointed);
}

function fileSize(file: string): number {
  try {
    const found = statSync(file);
    return found.isFile() ? found.size : 0;
  } catch {
    // Links in a circle, and files that may not be read, are none either.
    return 0;
  }
}

function readHead(file: string, bytes: number): Buffer | null {
  if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) return null;
  const descriptor = openSync(file, 'r');
  try {
    const buffer = Buffer.alloc(bytes);
    return buffer.subarray(0, readSync(descriptor, buffer, 0, bytes, 0));
  } finally {
    closeSync(descriptor);
  }
}
