import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { KubernetesObject } from '../../src/gitops/object';
import { MANIFEST } from '../../src/gitops/write-tree';
import { argoFaults, fluxFaults } from '../gitops/order-simulator';
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

test.each([...folders])('Argo CD can apply %s in order', (_, objects) => {
  expect(argoFaults(objects)).toEqual([]);
});

test.each([...folders].filter(([folder]) => folder.endsWith('/flux')))(
  "%s: Flux's dependencies hold",
  (_, objects) => {
    expect(fluxFaults(objects.filter(({ kind }) => kind === 'Kustomization'))).toEqual([]);
  },
);
