import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { KubernetesObject } from '../../src/gitops/object';
import { hasWave } from '../../src/gitops/order';
import { RENDERED_KINDS } from '../../src/gitops/engines/rendered-kinds';
import { MANIFEST } from '../../src/gitops/manifest';
import { withCrdDefaults } from '../crds/defaults';
import { hasCrd } from '../crds/validate';
import { argoFaults, fluxFaults } from '../gitops/order';
import { renderExamples } from './render-examples';

const ROOT = join(__dirname, '../../gitops');

const { tree } = renderExamples();
const folders = new Map<string, KubernetesObject[]>();
for (const [path, content] of tree) {
  if (path.endsWith('/kustomization.yaml')) continue;
  const folder = path.slice(0, path.lastIndexOf('/'));
  folders.set(folder, [...(folders.get(folder) ?? []), parse(content) as KubernetesObject]);
}

test('the committed tree is what synth writes: else run "npx cdk8s synth" and commit gitops/', () => {
  const { files } = JSON.parse(readFileSync(join(ROOT, MANIFEST), 'utf8')) as {
    files: Record<string, string>;
  };
  expect(Object.keys(files)).toEqual([...tree.keys()]);
  for (const [path, content] of tree) expect(readFileSync(join(ROOT, path), 'utf8')).toBe(content);
});

/** Paths of empty lists in `value`. */
function emptyLists(value: unknown, path = ''): string[] {
  if (Array.isArray(value) && value.length === 0) return [path];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => emptyLists(member, `${path}/${key}`));
}

test('no object states an empty list: the API server forgets it, and each apply would be a change', () => {
  for (const [folder, objects] of folders) {
    for (const object of objects) {
      expect({ folder, name: object.metadata.name, empty: emptyLists(object) }).toMatchObject({ empty: [] });
    }
  }
});

/** Objects of the engines, which apply their own. */
const ENGINES = /(?:argoproj\.io|toolkit\.fluxcd\.io)\//;

test('custom resources state what their CRDs would fill in: Argo CD takes some of it for a difference', () => {
  let compared = 0;
  for (const object of [...folders.values()].flat()) {
    if (!hasCrd(object) || ENGINES.test(object.apiVersion)) continue;
    expect(withCrdDefaults(object)).toEqual(object);
    compared += 1;
  }
  expect(compared).toBeGreaterThan(20);
});

test.each([...folders])('Argo CD can apply %s in order', (_, objects) => {
  expect(argoFaults(objects)).toEqual([]);
});

const byPath = new Map([...folders].map(([folder, objects]) => [`./gitops/${folder}`, objects]));

test.each([...folders].filter(([folder]) => folder.endsWith('/flux')))(
  '%s: Flux waits for what is needed first',
  (_, objects) => {
    expect(
      fluxFaults(
        objects.filter(({ kind }) => kind === 'Kustomization'),
        byPath,
      ),
    ).toEqual([]);
  },
);

test('the order of every rendered kind is stated', () => {
  const engines = /\/(argocd|flux)$/;
  const applied = [...folders].filter(([folder]) => !engines.test(folder)).flatMap(([, objects]) => objects);
  expect([...new Set(applied.map(({ kind }) => kind))].filter((kind) => !hasWave(kind))).toEqual([]);
});

test('the kinds that Slipway renders are those that it says to Argo CD', () => {
  const engines = /\/(argocd|flux)$/;
  const said = new Set(RENDERED_KINDS.map(({ group, kind }) => `${group}/${kind}`));
  const applied = [...folders].filter(([folder]) => !engines.test(folder)).flatMap(([, objects]) => objects);
  const kinds = applied.map(
    ({ apiVersion, kind }) => `${apiVersion.split('/').slice(0, -1).join('')}/${kind}`,
  );
  // Agent pools bring a role of their own for the whole cluster.
  expect(
    [...new Set(kinds)].filter((kind) => !said.has(kind) && !/\/ClusterRole(Binding)?$/.test(kind)),
  ).toEqual([]);
});
