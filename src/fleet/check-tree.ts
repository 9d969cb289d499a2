import { missingKeys } from '../gitops/secrets/check-references';
import { checkObject, checkText, type TextFault } from '../gitops/secrets/faults';
import { fileOf, type PlacedObject, type RenderedTree } from '../gitops/tree';
import type { Problem } from '../spec/problem';

/**
 * What is wrong with a rendered tree as a whole: objects in each other's way, secrets in the text, keys of Secrets that are
 * not there.
 *
 * @param owner path of the construct that answers for files that belong to no single object
 */
export function checkTree(
  { tree, collisions, makers }: RenderedTree,
  objects: readonly PlacedObject[],
  owner: string,
): Problem[] {
  const problems: Problem[] = [];
  const report = (construct: string, code: string, message: string, next: string): void => {
    problems.push({ severity: 'error', code, position: { construct }, field: '', message, next });
  };
  for (const { path, constructs } of collisions) {
    report(
      constructs[1],
      'duplicate-object',
      `its object for ${path} exists already: ${constructs[0]} makes it`,
      'rename one of the two objects, or one of the Workspaces that they belong to',
    );
  }
  const reportFaults = (path: string, construct: string, found: readonly TextFault[]): void => {
    for (const { code, message, next } of found) report(construct, code, `${path}: ${message}`, next);
  };
  for (const [path, content] of tree) reportFaults(path, makers.get(path) ?? owner, checkText(content));
  for (const placed of objects) {
    if (placed.encrypted === undefined)
      reportFaults(`${placed.folder}/${fileOf(placed)}`, placed.construct, checkObject(placed.object));
  }
  for (const { construct, object, secret, key, keys } of missingKeys(objects)) {
    report(
      construct,
      'missing-secret-key',
      `${object} reads the key ${key} of Secret ${secret}, which has ${keys.join(', ')}`,
      `add ${key} to the Secret, or name another Secret`,
    );
  }
  return problems;
}
