import type { PodSpec } from 'kubernetes-types/core/v1';
import { PLATFORM } from '../gitops/engines';
import type { KubernetesObject } from '../gitops/object';
import type { PlacedObject } from '../gitops/tree';
import { restrictedViolations } from '../workload/pod-security';

const LABEL = 'pod-security.kubernetes.io';

/**
 * A Namespace for each one that `objects` live in, with the Pod Security level that its pods pass: `restricted`, or
 * `baseline` where an image was chosen that needs root. Namespaces that every cluster has are left alone, and those of
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

function securityLevel(objects: readonly PlacedObject[]): 'restricted' | 'baseline' {
  const pods = objects.flatMap(({ object }) => podOf(object) ?? []);
  return pods.every((pod) => restrictedViolations(pod).length === 0) ? 'restricted' : 'baseline';
}

function podOf(object: KubernetesObject): PodSpec | undefined {
  const spec = object['spec'] as { readonly template?: { readonly spec?: PodSpec } } | undefined;
  return spec?.template?.spec?.containers === undefined ? undefined : spec.template.spec;
}
