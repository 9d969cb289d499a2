import '../property-seed';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { serving, tuning } from './random-workspaces';

interface Schema {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
}

const { definitions } = JSON.parse(
  readFileSync(join(__dirname, '../../schemas/workspace.schema.json'), 'utf8'),
) as { definitions: Readonly<Record<string, Schema>> };

const resolved = (schema: Schema): Schema => {
  const name = schema.$ref?.split('/').pop();
  return name === undefined ? schema : resolved(definitions[name] ?? {});
};

/** The fields of `value`, and those below them. */
function pathsOf(value: object): string[] {
  return Object.entries(value).flatMap(([field, below]: [string, unknown]) =>
    typeof below === 'object' && below !== null && !Array.isArray(below)
      ? [field, ...Object.keys(below).map((each) => `${field}.${each}`)]
      : [field],
  );
}

/** What no Workspace that renders alone can have. */
const ELSEWHERE = new Set([
  'apiVersion',
  'kind',
  'metadata',
  // Refused, always.
  'resource.preferredNodes',
  // Half of a pair: see the tests of MultiRoleInference.
  'inference.role',
]);

test('random Workspaces have every field of the schema, and what is below it', () => {
  const fields = Object.entries(definitions['SlipwayWorkspace']?.properties ?? {}).flatMap(
    ([field, schema]) => [
      field,
      ...Object.keys(resolved(schema).properties ?? {}).map((below) => `${field}.${below}`),
    ],
  );
  expect(fields.length).toBeGreaterThan(60);
  const seen = new Set(fc.sample(fc.oneof(serving, tuning), 2000).flatMap(pathsOf));
  expect(
    fields.filter(
      (field) => !seen.has(field) && !ELSEWHERE.has(field.split('.')[0] ?? '') && !ELSEWHERE.has(field),
    ),
  ).toEqual([]);
});
