import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONTROL_ANNOTATIONS } from '../../src/spec/rules/controls';
import { CONTROL_LABELS } from '../../src/spec/rules/control-labels';

const root = join(__dirname, '..', '..');
const page = readFileSync(join(root, 'docs', 'kaito-fields.md'), 'utf8');

type Node = Readonly<Record<string, unknown>>;
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;

function* leafNames(schema: unknown): Generator<string> {
  if (!isNode(schema)) return;
  yield* leafNames(schema['items']);
  for (const [name, property] of Object.entries(isNode(schema['properties']) ? schema['properties'] : {})) {
    if (name === 'status') continue;
    const below = [...leafNames(property)];
    if (below.length === 0) yield name;
    yield* below;
  }
}

describe('docs/kaito-fields.md', () => {
  it.each([
    ['workspaces', 15],
    ['inferencesets', 20],
    ['multiroleinferences', 6],
  ])("has every field of KAITO's %s", (plural, atLeast) => {
    const file = join(root, 'imports', 'crds', 'kaito-2026-08-21', `${plural}.kaito.sh.json`);
    const crd = JSON.parse(readFileSync(file, 'utf8')) as {
      spec: { versions: { schema: { openAPIV3Schema: unknown } }[] };
    };
    const names = new Set(crd.spec.versions.flatMap(({ schema }) => [...leafNames(schema.openAPIV3Schema)]));
    // Parts of matchExpressions, and what every object has.
    for (const known of ['key', 'operator', 'values', 'kind', 'metadata']) names.delete(known);
    expect(names.size).toBeGreaterThan(atLeast);
    expect([...names].filter((name) => !page.includes(name))).toEqual([]);
  });

  it('has every annotation and label that is read', () => {
    const keys = [...CONTROL_ANNOTATIONS, ...CONTROL_LABELS];
    expect(keys.length).toBeGreaterThan(20);
    expect(keys.filter((key) => !page.includes(`| \`${key}\``))).toEqual([]);
  });
});
