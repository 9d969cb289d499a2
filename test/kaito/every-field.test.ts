import { stringify } from 'yaml';
import type { ClusterProps } from '../../src';
import { parseField } from '../../src/spec/fields';
import { CONTROL_ANNOTATIONS } from '../../src/spec/rules/controls';
import { CONTROL_LABELS } from '../../src/spec/rules/control-labels';
import { documentedRows, isIn, leafFields } from './crd-fields';
import {
  ANNOTATIONS,
  CONFIG_MAPS,
  INFERENCE_SET,
  MULTI_ROLE,
  WORKSPACE,
  serving,
  warns,
  type Json,
  type Probe,
} from './probes';
import { render, type Outcome } from './render';

function renderDocument(document: Json, props?: ClusterProps): Outcome {
  return render([document, ...CONFIG_MAPS].map((each) => stringify(each)).join('---\n'), props);
}

/** `document` with `value` at `field`; undefined takes the field out. */
function withField(document: Json, field: string, value: unknown): Json {
  const copy = structuredClone(document) as Record<string, unknown>;
  const steps = parseField(field.replaceAll('[]', '[0]'));
  const last = steps.pop() ?? '';
  let here: Record<string | number, unknown> = copy;
  for (const [index, step] of steps.entries()) {
    here[step] ??= typeof (steps[index + 1] ?? last) === 'number' ? [] : {};
    here = here[step] as Record<string | number, unknown>;
  }
  if (value === undefined) Reflect.deleteProperty(here, last);
  else here[last] = value;
  return copy;
}

function judge(field: string, { document, value, outcome, cluster }: Probe): void {
  const given = renderDocument(withField(document, field, value), cluster);
  const path = field.replaceAll('[]', '[0]');
  const told = given.problems.filter(
    (problem) =>
      isIn(path, problem.field) || isIn(problem.field, path) || problem.allowed?.includes(path) === true,
  );
  if (outcome === 'renders') {
    const without = renderDocument(withField(document, field, undefined), cluster);
    expect(given.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(given.tree).not.toBeNull();
    expect(given.tree).not.toEqual(without.tree);
    return;
  }
  if (outcome === 'nothing') {
    expect(given.tree).not.toBeNull();
    expect(told).toEqual([]);
    return;
  }
  const severity = outcome === 'warns' ? 'warning' : 'error';
  const said = told.filter((problem) => problem.severity === severity);
  expect([given.problems, said.length > 0]).toEqual([given.problems, true]);
  for (const problem of said) expect(problem.allowed ?? problem.next).toBeDefined();
  expect(given.tree === null).toBe(outcome === 'refused');
}

describe.each([
  ['Workspace', 'workspaces', 'Workspace: fields', WORKSPACE],
  ['InferenceSet', 'inferencesets', 'InferenceSet', INFERENCE_SET],
  ['MultiRoleInference', 'multiroleinferences', 'MultiRoleInference', MULTI_ROLE],
])("each field of KAITO's %s", (_kind, plural, section, probes) => {
  const fields = leafFields(plural);

  it('is probed here', () => {
    expect(fields.length).toBeGreaterThan(8);
    expect(Object.keys(probes).sort()).toEqual(fields);
  });

  it.each(Object.entries(probes))('%s is never passed over in silence', judge);

  it('has a row in the table of docs/kaito-fields.md, which says what becomes of it', () => {
    const rows = documentedRows(section);
    const plain = (field: string) => field.replaceAll('[]', '');
    const wrong = Object.entries(probes).filter(([field, { outcome }]) => {
      const about = rows.filter((row) =>
        row.fields.some((name) => isIn(plain(field), plain(name)) && name.includes('.')),
      );
      const text = about.map(({ here }) => here).join(' ');
      const words = { warns: /warning|as (?:for|in)/, nothing: /for the reader/ };
      return about.length === 0 || (outcome in words && !words[outcome as keyof typeof words].test(text));
    });
    expect(wrong.map(([field]) => field)).toEqual([]);
  });
});

describe("each annotation and label of KAITO's", () => {
  const annotation = (key: string) => `metadata.annotations["${key}"]`;

  it('is probed here', () => {
    expect(Object.keys(ANNOTATIONS).sort()).toEqual([...CONTROL_ANNOTATIONS].sort());
  });

  it.each(Object.entries(ANNOTATIONS))('%s is never passed over in silence', (key, probe) => {
    judge(annotation(key), probe);
  });

  it.each(CONTROL_LABELS)('label %s is never passed over in silence', (key) => {
    judge(`metadata.labels["${key}"]`, warns('a', serving()));
  });
});
