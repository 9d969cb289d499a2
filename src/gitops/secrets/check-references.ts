import type { KubernetesObject } from '../object';
import type { PlacedObject } from '../tree';

/** A pod that wants a key which the Secret, made by this fleet, does not have. */
export interface MissingKey {
  readonly construct: string;
  /** What wants it: `Deployment chat/assistant`. */
  readonly object: string;
  readonly secret: string;
  readonly key: string;
  readonly keys: readonly string[];
}

/** The keys that pods of `objects` want from Secrets whose keys are known here, and that those do not have. */
export function missingKeys(objects: readonly PlacedObject[]): readonly MissingKey[] {
  const known = new Map<string, readonly string[]>();
  for (const { object, folder } of objects) {
    const keys = keysOf(object);
    if (keys !== undefined)
      known.set(identity(folder, object.metadata.namespace, object.metadata.name), keys);
  }
  if (known.size === 0) return [];
  return objects.flatMap(({ object, folder, construct }) =>
    wantedBy(object['spec']).flatMap(({ secret, key }) => {
      const keys = known.get(identity(folder, object.metadata.namespace, secret));
      if (keys === undefined || keys.includes(key)) return [];
      const name = `${object.kind} ${object.metadata.namespace ?? ''}/${object.metadata.name}`;
      return [{ construct, object: name, secret, key, keys }];
    }),
  );
}

function identity(folder: string, namespace: string | undefined, name: string): string {
  return `${folder.slice(0, folder.indexOf('/'))}/${namespace ?? ''}/${name}`;
}

/** Keys of the Secret that an object is, or that is made from it. */
function keysOf(object: KubernetesObject): readonly string[] | undefined {
  if (object.kind === 'Secret') {
    return ['data', 'stringData'].flatMap((member) => Object.keys((object[member] ?? {}) as object)).sort();
  }
  if (object.kind !== 'ExternalSecret') return undefined;
  const { data = [] } = object['spec'] as { readonly data?: readonly { readonly secretKey: string }[] };
  return data.map(({ secretKey }) => secretKey);
}

interface Wanted {
  readonly secret: string;
  readonly key: string;
}

/** Keys that a pod names: in variables, and in items of volumes. An optional one that is missing would be a silent surprise. */
function wantedBy(value: unknown): readonly Wanted[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(wantedBy);
  return Object.entries(value).flatMap(([field, member]: [string, unknown]) => {
    if (field === 'secretKeyRef') {
      const { name, key } = member as { name: string; key: string };
      return [{ secret: name, key }];
    }
    if (field === 'secret') {
      const { secretName, items = [] } = member as {
        secretName?: string;
        items?: readonly { readonly key: string }[];
      };
      return secretName === undefined ? [] : items.map(({ key }) => ({ secret: secretName, key }));
    }
    return wantedBy(member);
  });
}
