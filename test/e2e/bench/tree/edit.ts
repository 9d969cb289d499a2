import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument, type Document } from 'yaml';
import { describe, type ObjectRef } from '../cluster/manifest';
import { refOf, type Manifest } from '../cluster/manifest';
import type { AppliedFolder } from './rendered-tree';

/**
 * Change one rendered object in its file.
 *
 * @throws when the folder has no file with that object.
 */
export function editObject(
  repository: string,
  folder: AppliedFolder,
  ref: ObjectRef,
  change: (document: Document) => void,
): void {
  const path = join(repository, folder.path);
  for (const name of readdirSync(path).filter((file) => file.endsWith('.yaml'))) {
    const file = join(path, name);
    const document = parseDocument(readFileSync(file, 'utf8'));
    const object = document.toJS() as Partial<Manifest>;
    if (object.metadata === undefined || describe(refOf(object as Manifest)) !== describe(ref)) continue;
    change(document);
    writeFileSync(file, document.toString());
    return;
  }
  throw new Error(`${folder.path} has no file with ${describe(ref)}`);
}
