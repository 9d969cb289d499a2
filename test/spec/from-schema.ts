import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';

type Schema = Readonly<Record<string, unknown>>;

const FOLDER = join(__dirname, '..', '..', 'schemas');
const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function definitionsOf(file: string): Schema {
  const { definitions } = JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as { definitions: Schema };
  return definitions;
}

/** Words that appear in names, labels, images and quantities, so that rules have something to agree or disagree with. */
const WORDS = [
  'a',
  'chat',
  'hf-token',
  'team/x',
  '1Gi',
  '50%',
  'registry.example.com/a:1',
  'phi-4',
  '10.0.0.0/8',
  'True',
];

/** Values of a definition of a published schema: every field, each of its kinds, most of them well-formed. */
export function valuesOf(file: string, definition: string): fc.Arbitrary<unknown> {
  return fromSchema({ $ref: `${file}#/definitions/${definition}` }, file, 0);
}

function fromSchema(schema: unknown, file: string, depth: number): fc.Arbitrary<unknown> {
  if (!isSchema(schema)) return fc.constantFrom('x', 1, true);
  const reference = schema['$ref'];
  if (typeof reference === 'string') {
    const [path = '', name = ''] = reference.split('#/definitions/');
    const target = path === '' ? file : path;
    return fromSchema(definitionsOf(target)[name], target, depth);
  }
  if ('const' in schema) return fc.constant(schema['const']);
  if (Array.isArray(schema['enum'])) return fc.constantFrom(...(schema['enum'] as unknown[]));
  const branches = schema['oneOf'] ?? schema['anyOf'];
  if (Array.isArray(branches)) {
    return fc.oneof(...branches.map((branch) => fromSchema(branch, file, depth)));
  }
  const types = [schema['type']].flat();
  return fc.oneof(...types.map((type) => ofType(type, schema, file, depth)));
}

function ofType(type: unknown, schema: Schema, file: string, depth: number): fc.Arbitrary<unknown> {
  switch (type) {
    case 'object':
      return objects(schema, file, depth + 1);
    case 'array':
      return fc.array(fromSchema(schema['items'], file, depth + 1), {
        minLength: Number(schema['minItems'] ?? 0),
        maxLength: Math.min(2, Number(schema['maxItems'] ?? 2)),
      });
    case 'integer':
      return fc.integer({ min: Number(schema['minimum'] ?? 0), max: Number(schema['maximum'] ?? 20) });
    case 'number':
      return fc.constantFrom(0.25, 0.9, 1);
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      return fc.constantFrom(...WORDS);
  }
}

/** Required fields always, others now and then: deep down rarely, or nothing would ever be well-formed. */
function objects(schema: Schema, file: string, depth: number): fc.Arbitrary<unknown> {
  const properties = isSchema(schema['properties']) ? schema['properties'] : {};
  const required = new Set((schema['required'] as string[] | undefined) ?? []);
  const weight = depth < 2 ? 2 : 12;
  const members = Object.entries(properties).map(([key, value]) => {
    const given = fc.memo(() => fromSchema(value, file, depth))(depth);
    const member = required.has(key)
      ? given
      : fc.oneof({ weight, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: given });
    return [key, member] as const;
  });
  const more = schema['additionalProperties'];
  const others = isSchema(more)
    ? fc.dictionary(fc.constantFrom('a', 'x.y/z', 'team'), fromSchema(more, file, depth + 1), { maxKeys: 2 })
    : fc.constant({});
  return fc
    .tuple(fc.record(Object.fromEntries(members)), others)
    .map(([fields, rest]) =>
      Object.fromEntries(Object.entries({ ...rest, ...fields }).filter(([, value]) => value !== undefined)),
    );
}
