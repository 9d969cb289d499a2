import type { AnySchemaObject } from 'ajv';
import { isPlainMap } from './empty-fields';
import type { Step } from '../fields';

/** Names of the fields that `schema` has at `steps` below it; none where any field may stand, or nothing is known. */
export function fieldsAt(root: AnySchemaObject, schema: unknown, steps: readonly Step[]): string[] {
  const here = resolve(root, schema);
  const [step, ...rest] = steps;
  if (step === undefined) return isPlainMap(here?.['properties']) ? Object.keys(here['properties']) : [];
  if (typeof step === 'number') return fieldsAt(root, here?.['items'], rest);
  const properties = here?.['properties'];
  return isPlainMap(properties) ? fieldsAt(root, properties[step], rest) : [];
}

function resolve(root: AnySchemaObject, schema: unknown): Record<string, unknown> | undefined {
  if (!isPlainMap(schema)) return undefined;
  const reference = schema['$ref'];
  if (typeof reference !== 'string') return schema;
  const definitions: unknown = root['definitions'];
  if (!isPlainMap(definitions)) return undefined;
  return resolve(root, definitions[reference.replace('#/definitions/', '')]);
}
