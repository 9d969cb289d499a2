import { PLATFORM } from '../gitops/engines';
import type { KubernetesObject } from '../gitops/object';
import { podsOf } from '../gitops/pods';
import type { PlacedObject } from '../gitops/tree';
import { podSecurityLevel } from '../workload/pod-security';

const LABEL = 'pod-security.kubernetes.io';
const LOOSEST_FIRST = ['privileged', 'baseline'] as const;

/**
 * A Namespace for each one that `objects` live in, with the Pod Security level that its loosest pod passes:
 * `restricted` unless the user chose an image that needs root, or wrote pods that need more. Namespaces that every cluster has are left alone, and those of
 * `others`, given as `<cluster>/<namespace>`.
 */
export function namespaceObjects(
  objects: readonly PlacedObject[],
  others: ReadonlySet<string> = new Set(),
): PlacedObject[] {
  const members = new Map<string, PlacedObject[]>();
  const present = new Set<string>();
  for (const placed of objects) {
    const { kind, metadata } = placed.object;
    const cluster = clusterOf(placed);
    if (kind === 'Namespace') present.add(`${cluster}/${metadata.name}`);
    if (metadata.namespace === undefined || isBuiltIn(metadata.namespace)) continue;
    const key = `${cluster}/${metadata.namespace}`;
    if (others.has(key)) continue;
    const group = members.get(key);
    if (group === undefined) members.set(key, [placed]);
    else group.push(placed);
  }
  return [...members].flatMap(([key, group]) => {
    const [first] = group;
    if (first === undefined || present.has(key)) return [];
    const cluster = clusterOf(first);
    return [
      {
        object: namespaceObject(key.slice(cluster.length + 1), securityLevel(group)),
        folder: `${cluster}/${PLATFORM}`,
        construct: first.construct,
        engine: first.engine,
      },
    ];
  });
}

function clusterOf({ folder }: PlacedObject): string {
  return folder.slice(0, folder.indexOf('/'));
}

function isBuiltIn(namespace: string): boolean {
  return namespace === 'default' || namespace.startsWith('kube-');
}

function namespaceObject(name: string, level: string): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { [`${LABEL}/enforce`]: level, [`${LABEL}/warn`]: 'restricted' } },
  };
}

function securityLevel(objects: readonly PlacedObject[]): string {
  const levels = objects.flatMap(({ object }) => podsOf(object)).map(podSecurityLevel);
  return LOOSEST_FIRST.find((level) => levels.includes(level)) ?? 'restricted';
}
