import type { ConfigMap } from 'kubernetes-types/core/v1';
import type { Construct } from 'constructs';
import { shortHash, withSuffix } from '../../workload/names';
import { addObject } from '../../workload/object';
import type { PoolsDocument } from './document';
import { metadataOf, NAME, type Target } from './names';

/** Key of the ConfigMap, and name of the file in the pod. */
export const POOLS_FILE = 'pools.json';

/** Make the immutable ConfigMap with the document and return its name, which holds a hash of the content. */
export function addPoolsConfigMap(scope: Construct, target: Target, document: PoolsDocument): string {
  const text = `${JSON.stringify(document, null, 2)}\n`;
  const name = withSuffix(`${NAME}-pools`, shortHash(text));
  addObject(scope, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: metadataOf(target, name),
    immutable: true,
    data: { [POOLS_FILE]: text },
  } satisfies ConfigMap);
  return name;
}
