import type { KubernetesObject } from '../../../src/gitops/object';

/** What names an object among those of its cluster: `ConfigMap chat/config`. */
export function nameOf({ kind, metadata: { name, namespace } }: Named): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}

interface Named {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string | undefined };
}

/**
 * The names of what `object` cannot do without: its namespace, what its pods mount and read, its node class, what it scales.
 * A Secret may be made from an ExternalSecret of its name.
 */
export function referencesOf(object: KubernetesObject): readonly string[] {
  const { namespace } = object.metadata;
  const found = new Set<string>();
  const add = (kind: string, name: unknown, inside: string | undefined = namespace): void => {
    if (typeof name === 'string') found.add(nameOf({ kind, metadata: { name, namespace: inside } }));
  };
  if (namespace !== undefined) found.add(nameOf({ kind: 'Namespace', metadata: { name: namespace } }));
  visit(object['spec'], (key, value) => {
    const { name, kind, claimName, secretName } = value as Readonly<Record<string, unknown>>;
    if (key === 'configMap' || key === 'configMapKeyRef' || key === 'configMapRef') add('ConfigMap', name);
    if (key === 'persistentVolumeClaim') add('PersistentVolumeClaim', claimName);
    if (key === 'secretKeyRef' || key === 'secret') {
      for (const source of ['Secret', 'ExternalSecret']) add(source, name ?? secretName);
    }
    if (key === 'serviceAccountName') add('ServiceAccount', value);
    if (key === 'scaleTargetRef' && typeof kind === 'string') add(kind, name);
    if (key === 'nodeClassRef' && typeof kind === 'string' && typeof name === 'string')
      found.add(nameOf({ kind, metadata: { name } }));
  });
  return [...found];
}

function visit(value: unknown, see: (key: string, value: object | string) => void): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, member] of Object.entries(value) as [string, unknown][]) {
    if (typeof member === 'string' || (typeof member === 'object' && member !== null)) see(key, member);
    visit(member, see);
  }
}
