import { isPlainMap } from '../shape/empty-fields';
import type { Problem } from '../problem';
import type { YamlDocument } from './parse';
import type { Lines } from './lines';
import type { YamlLocator } from './locator';

/** A Kubernetes object as it stands in a file. */
export interface Resource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly value: Readonly<Record<string, unknown>>;
  readonly locator: YamlLocator;
  /** Lines of the whole file. */
  readonly lines: Lines;
}

/** The object that `document` is, or the objects of a `v1` List; what is no object is a problem. */
export function resourcesOf({ value, locator }: YamlDocument, lines: Lines): readonly (Resource | Problem)[] {
  if (!isPlainMap(value))
    return [notAnObject(locator, 'is not a Kubernetes object: a map with apiVersion and kind')];
  const { apiVersion, kind } = value;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') {
    const missing = typeof apiVersion === 'string' ? 'kind' : 'apiVersion';
    return [notAnObject(locator, `is not a Kubernetes object: ${missing} is missing or not a string`)];
  }
  const { items } = value;
  if (apiVersion === 'v1' && kind === 'List' && Array.isArray(items)) {
    return items.flatMap((item: unknown, index) =>
      resourcesOf({ value: item, locator: locator.below('items', index) }, lines),
    );
  }
  return [{ apiVersion, kind, value, locator, lines }];
}

/** Name and namespace of `resource`, where they can be read. */
export function identityOf({ value }: Resource): { name: string | undefined; namespace: string | undefined } {
  const metadata = isPlainMap(value['metadata']) ? value['metadata'] : {};
  const { name, namespace } = metadata;
  return {
    name: typeof name === 'string' ? name : undefined,
    namespace: typeof namespace === 'string' ? namespace : undefined,
  };
}

function notAnObject(locator: YamlLocator, message: string): Problem {
  return {
    severity: 'error',
    code: 'not-an-object',
    position: locator.locate(''),
    field: '',
    message,
    next: 'write a Workspace, Cluster or ConfigMap, or leave this file out',
  };
}
