import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '..', '..');

type Node = Readonly<Record<string, unknown>>;
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;

/** What every object has, and what the cluster writes. */
const ENVELOPE = new Set(['apiVersion', 'kind', 'metadata', 'status']);

function* leavesOf(schema: unknown, path: string): Generator<string> {
  if (!isNode(schema)) return;
  const items = schema['items'];
  if (isNode(items) && isNode(items['properties'])) {
    yield* leavesOf(items, `${path}[]`);
    return;
  }
  const properties = isNode(schema['properties']) ? schema['properties'] : {};
  if (Object.keys(properties).length === 0) yield path;
  for (const [name, property] of Object.entries(properties)) {
    if (path === '' && ENVELOPE.has(name)) continue;
    yield* leavesOf(property, path === '' ? name : `${path}.${name}`);
  }
}

/** Fields of a KAITO kind that hold a value, in all its versions; `[]` stands for each item of a list. */
export function leafFields(plural: string): string[] {
  const file = join(root, 'imports', 'crds', 'kaito-2026-08-21', `${plural}.kaito.sh.json`);
  const crd = JSON.parse(readFileSync(file, 'utf8')) as {
    spec: { versions: { schema: { openAPIV3Schema: unknown } }[] };
  };
  const all = crd.spec.versions.flatMap(({ schema }) => [...leavesOf(schema.openAPIV3Schema, '')]);
  return [...new Set(all)].sort();
}

/** A row of a table in docs/kaito-fields.md: the fields that it is about, and what becomes of them. */
export interface Row {
  readonly fields: readonly string[];
  readonly here: string;
}

/** The rows of the table below the heading `section`. */
export function documentedRows(section: string): Row[] {
  const page = readFileSync(join(root, 'docs', 'kaito-fields.md'), 'utf8');
  const [, after = ''] = page.split(`\n## ${section}\n`);
  const [text = ''] = after.split('\n## ');
  return text
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => {
      const [names = '', here = ''] = line.slice(2).split(' | ');
      return { fields: fieldsIn(names), here };
    });
}

/** `a.b`, `.c` are the fields a.b and a.c. */
function fieldsIn(cell: string): string[] {
  const fields: string[] = [];
  for (const [, name = ''] of cell.matchAll(/`([^`]+)`/g)) {
    const before = fields[0] ?? '';
    fields.push(name.startsWith('.') ? `${before.slice(0, before.lastIndexOf('.'))}${name}` : name);
  }
  return fields;
}

/** True when `field` is `ancestor` or something in it. */
export function isIn(field: string, ancestor: string): boolean {
  return field === ancestor || field.startsWith(`${ancestor}.`) || field.startsWith(`${ancestor}[`);
}
