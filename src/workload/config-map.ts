import type { ConfigMap } from 'kubernetes-types/core/v1';
import type { Construct } from 'constructs';
import type { NodeDecision } from './decision';
import { objectMetadata } from './metadata';
import { shortHash, withSuffix } from './names';
import { addObject } from './object';

type Files = Readonly<Record<string, string>>;

/** Name of the ConfigMap of `owner` with `files`: it holds a hash of them. */
export function immutableName(owner: string, files: Files): string {
  return withSuffix(`${owner}-config`, shortHash(JSON.stringify(files)));
}

/**
 * Make the ConfigMap of `owner` with `files` and return its name. A changed file is a new object, so pods are replaced
 * by the rollout and never read half a change.
 */
export function addImmutableConfigMap(
  scope: Construct,
  decision: NodeDecision,
  owner: string,
  files: Files,
): string {
  const name = immutableName(owner, files);
  const configMap = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: objectMetadata(decision, name),
    immutable: true,
    data: { ...files },
  } satisfies ConfigMap;
  addObject(scope, configMap);
  return name;
}
