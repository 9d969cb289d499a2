import { createHash } from 'node:crypto';
import { posix } from 'node:path';

/** File in the root of the tree that lists what is ours: path and SHA-256 of each generated file. */
export const MANIFEST = 'slipway-manifest.json';

/** SHA-256 by path, `/` between the folders. */
export type Hashes = Readonly<Record<string, string>>;

/** SHA-256 of a file's content, in hexadecimal digits. */
export function sha256(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}

/** The manifest of `hashes`: one file a line, so that Git merges two changes of it. */
export function printManifest(hashes: Hashes): string {
  const lines = Object.keys(hashes)
    .sort()
    .map((path) => `    ${JSON.stringify(path)}: ${JSON.stringify(hashes[path])}`);
  return `{\n  "files": {\n${lines.join(',\n')}\n  }\n}\n`;
}

/**
 * What the manifest `text` lists; null when it is none. Whoever can change the file in a pull request must not be able
 * to have files outside of the tree removed: such paths make it none.
 */
export function parseManifest(text: string): Hashes | null {
  try {
    const { files } = JSON.parse(text) as { readonly files?: unknown };
    if (typeof files !== 'object' || files === null) return null;
    const entries = Object.entries(files);
    return entries.every(([path, hash]) => isInside(path) && typeof hash === 'string')
      ? (files as Hashes)
      : null;
  } catch {
    return null;
  }
}

function isInside(path: string): boolean {
  return (
    path === posix.normalize(path) && !path.startsWith('/') && !path.startsWith('..') && !path.includes('\\')
  );
}
