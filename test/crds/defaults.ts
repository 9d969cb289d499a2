import type { KubernetesObject } from '../../src/gitops/object';
import { schemaOf } from './validate';

type Schema = Readonly<Record<string, unknown>>;
const isMap = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `object` as the API server stores it: with the defaults that its CRD gives to absent fields. */
export function withCrdDefaults(object: KubernetesObject): unknown {
  const { apiVersion, kind } = object;
  return filled(schemaOf({ apiVersion, kind }), object);
}

function filled(schema: unknown, value: unknown): unknown {
  if (!isMap(schema)) return value;
  if (Array.isArray(value)) return value.map((item) => filled(schema['items'], item));
  if (!isMap(value)) return value;
  const known = isMap(schema['properties']) ? schema['properties'] : {};
  const defaults = Object.entries(known).flatMap(([name, property]) =>
    isMap(property) && 'default' in property && value[name] === undefined
      ? [[name, property['default']]]
      : [],
  );
  const given = Object.entries(value).map(([name, member]) => [
    name,
    filled(known[name] ?? schema['additionalProperties'], member),
  ]);
  return Object.fromEntries([...given, ...defaults]) as unknown;
}
