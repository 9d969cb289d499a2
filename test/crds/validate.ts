import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv, { type ValidateFunction } from 'ajv';
import type { KubernetesObject } from '../../src/gitops/object';

const CRDS = join(__dirname, '../../imports/crds');
/** Same kind as Karpenter's, for clusters with gpu-provisioner. */
const OTHER_NODE_CLAIM = 'gpu-provisioner-with-kaito';

type Schema = Record<string, unknown>;
interface Crd {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly {
      readonly name: string;
      readonly schema: { readonly openAPIV3Schema: Schema };
    }[];
  };
}

const schemas = new Map<string, Schema>();
for (const folder of readdirSync(CRDS).filter((name) => !name.startsWith(OTHER_NODE_CLAIM))) {
  for (const file of readdirSync(join(CRDS, folder))) {
    const { spec } = JSON.parse(readFileSync(join(CRDS, folder, file), 'utf8')) as Crd;
    for (const version of spec.versions) {
      schemas.set(`${spec.group}/${version.name}/${spec.names.kind}`, version.schema.openAPIV3Schema);
    }
  }
}

/** Patterns of CRDs are Go's, which can begin with a flag. */
const goRegExp = Object.assign(
  (pattern: string, flags: string) =>
    pattern.startsWith('(?i)') ? new RegExp(pattern.slice(4), `${flags}i`) : new RegExp(pattern, flags),
  { code: 'goRegExp' },
);
const ajv = new Ajv({
  strict: false,
  validateFormats: false,
  allErrors: true,
  code: { regExp: goRegExp },
});
const validators = new Map<string, ValidateFunction>();

/** True when there is a CRD of the object's version and kind. */
export function hasCrd({ apiVersion, kind }: KubernetesObject): boolean {
  return schemas.has(`${apiVersion}/${kind}`);
}

/** The schema of the object's version and kind. @throws when there is no CRD of it */
export function schemaOf({ apiVersion, kind }: Pick<KubernetesObject, 'apiVersion' | 'kind'>): Schema {
  const key = `${apiVersion}/${kind}`;
  const schema = schemas.get(key);
  if (schema === undefined) throw new Error(`no CRD for ${key}`);
  return schema;
}

/** What the API server would refuse in `object`, with unknown fields as errors; empty when it passes. CEL rules are not run. */
export function schemaErrors(object: Pick<KubernetesObject, 'apiVersion' | 'kind'>): string[] {
  const key = `${object.apiVersion}/${object.kind}`;
  const schema = schemaOf(object);
  let validate = validators.get(key);
  if (validate === undefined) {
    validate = ajv.compile(
      closed(
        { ...schema, properties: { ...(schema['properties'] as Schema), metadata: { type: 'object' } } },
        true,
      ),
    );
    validators.set(key, validate);
  }
  validate(object);
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message ?? ''} ${JSON.stringify(params)}`,
  );
}

/** Structural schema to JSON Schema, objects closed. */
function closed(schema: Schema, isRoot = false): Schema {
  const result: Schema = {};
  for (const [key, value] of Object.entries(schema)) {
    if (key.startsWith('x-kubernetes') || key === 'default' || key === 'description' || key === 'format')
      continue;
    if (key === 'properties') {
      result[key] = Object.fromEntries(
        Object.entries(value as Schema).map(([name, member]) => [name, closed(member as Schema)]),
      );
    } else if (
      key === 'items' ||
      key === 'not' ||
      (key === 'additionalProperties' && typeof value === 'object')
    ) {
      result[key] = closed(value as Schema);
    } else if (key === 'allOf' || key === 'anyOf' || key === 'oneOf') {
      // Branches only add conditions: they are not closed.
      result[key] = value;
    } else result[key] = value;
  }
  if (schema['x-kubernetes-int-or-string'] === true) {
    return { anyOf: [{ type: 'integer' }, { type: 'string' }] };
  }
  const isObject = schema['properties'] !== undefined && schema['additionalProperties'] === undefined;
  if (isObject && schema['x-kubernetes-preserve-unknown-fields'] !== true)
    result['additionalProperties'] = false;
  if (isRoot) result['type'] = 'object';
  return result;
}
