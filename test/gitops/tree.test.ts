import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { KubernetesObject } from '../../src/gitops/object';
import { renderTree, toStream, type PlacedObject } from '../../src/gitops/tree';
import { ForeignFilesError, MANIFEST, writeTree } from '../../src/gitops/write-tree';

const configMap = (name: string, data = '1'): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'team' },
  data: { value: data },
});
const placed = (name: string, folder = 'prod/team/chat', data = '1'): PlacedObject => ({
  object: configMap(name, data),
  folder,
  construct: `fleet/${folder}/${name}`,
  engine: 'flux',
});
const treeOf = (...objects: PlacedObject[]) => renderTree(objects).tree;

describe('renderTree', () => {
  test('gives each object a file and each folder a kustomization that lists them', () => {
    const tree = treeOf(placed('b'), placed('a'));
    expect([...tree.keys()]).toEqual([
      'prod/team/chat/configmap-a.yaml',
      'prod/team/chat/configmap-b.yaml',
      'prod/team/chat/kustomization.yaml',
    ]);
    expect(tree.get('prod/team/chat/kustomization.yaml')).toBe(
      'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n  - configmap-a.yaml\n  - configmap-b.yaml\n',
    );
  });

  test('names both constructs when two objects want one file', () => {
    const twin = { ...placed('a'), construct: 'fleet/other' };
    expect(renderTree([placed('a'), twin]).collisions).toEqual([
      { path: 'prod/team/chat/configmap-a.yaml', constructs: ['fleet/prod/team/chat/a', 'fleet/other'] },
    ]);
  });

  test('names both constructs when one object of the cluster would have two files', () => {
    const { collisions } = renderTree([placed('a'), placed('a', 'prod/team/other'), placed('a', 'staging/team/chat')]);
    expect(collisions).toEqual([
      { path: 'prod/team/other/configmap-a.yaml', constructs: ['fleet/prod/team/chat/a', 'fleet/prod/team/other/a'] },
    ]);
  });

  test('does not depend on the order of the objects', () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,4}$/), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(names, (list) => {
        const forwards = treeOf(...list.map((name) => placed(name)));
        const backwards = treeOf(...list.toReversed().map((name) => placed(name)));
        expect([...backwards]).toEqual([...forwards]);
      }),
    );
  });

  test('a stream holds the objects without the kustomizations', () => {
    const stream = toStream(treeOf(placed('a'), placed('b')));
    expect(stream.split('---\n')).toHaveLength(2);
    expect(stream).not.toContain('Kustomization');
  });

  test('orders and protects what costs money, for the engine that applies it', () => {
    const nodePool: KubernetesObject = { apiVersion: 'karpenter.sh/v1', kind: 'NodePool', metadata: { name: 'a' }, spec: {} };
    const render = (engine: 'argocd' | 'flux') =>
      treeOf({ object: nodePool, folder: 'prod/platform', construct: 'x', engine }).get('prod/platform/nodepool-a.yaml');
    expect(render('argocd')).toContain('argocd.argoproj.io/sync-wave: "-20"');
    expect(render('argocd')).toContain('argocd.argoproj.io/sync-options: Prune=false,Delete=false');
    // Else the platform's Application would be OutOfSync for ever, once a Workspace is removed.
    expect(render('argocd')).toContain('argocd.argoproj.io/compare-options: IgnoreExtraneous');
    expect(render('flux')).toContain('kustomize.toolkit.fluxcd.io/prune: disabled');
    expect(render('flux')).not.toContain('argocd');
  });

  test("an object's own annotations win over the engine's", () => {
    const hook: KubernetesObject = {
      apiVersion: 'batch/v1',
      kind: 'ConfigMap',
      metadata: { name: 'a', annotations: { 'argocd.argoproj.io/sync-wave': '-5' } },
    };
    const { tree } = renderTree([{ object: hook, folder: 'prod/platform', construct: 'x', engine: 'argocd' }]);
    expect(tree.get('prod/platform/configmap-a.yaml')).toContain('argocd.argoproj.io/sync-wave: "-5"');
  });
});

describe('writeTree', () => {
  let folder: string;
  let root: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'slipway-tree-'));
    root = join(folder, 'gitops');
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const read = (path: string) => readFileSync(join(root, path), 'utf8');

  test('writes everything once and nothing the second time', () => {
    expect(writeTree(root, treeOf(placed('a'))).added).toHaveLength(2);
    const before = statSync(join(root, 'prod/team/chat/configmap-a.yaml')).mtimeMs;
    expect(writeTree(root, treeOf(placed('a')))).toEqual({ added: [], changed: [], removed: [], unchanged: 2, editedByHand: [] });
    expect(statSync(join(root, 'prod/team/chat/configmap-a.yaml')).mtimeMs).toBe(before);
    expect(readdirSync(folder)).toEqual(['gitops']);
  });

  test('removes what it made before and no longer makes, with the folders that it leaves empty', () => {
    writeTree(root, treeOf(placed('a'), placed('b', 'prod/team/gone')));
    writeFileSync(join(root, 'prod', 'README.md'), 'ours to keep');
    expect(writeTree(root, treeOf(placed('a'))).removed).toEqual([
      'prod/team/gone/configmap-b.yaml',
      'prod/team/gone/kustomization.yaml',
    ]);
    expect(readdirSync(join(root, 'prod', 'team'))).toEqual(['chat']);
    expect(read('prod/README.md')).toBe('ours to keep');
  });

  test('refuses to write over a file that it did not make, and touches nothing', () => {
    mkdirSync(join(root, 'prod/team/chat'), { recursive: true });
    writeFileSync(join(root, 'prod/team/chat/configmap-a.yaml'), 'mine');
    expect(() => writeTree(root, treeOf(placed('a'), placed('b')))).toThrow(ForeignFilesError);
    expect(readdirSync(join(root, 'prod/team/chat'))).toEqual(['configmap-a.yaml']);
    expect(read('prod/team/chat/configmap-a.yaml')).toBe('mine');
  });

  test('writes over an edited generated file and says so', () => {
    writeTree(root, treeOf(placed('a')));
    writeFileSync(join(root, 'prod/team/chat/configmap-a.yaml'), 'edited');
    expect(writeTree(root, treeOf(placed('a'))).editedByHand).toEqual(['prod/team/chat/configmap-a.yaml']);
    expect(read('prod/team/chat/configmap-a.yaml')).toContain('kind: ConfigMap');
  });

  test('lists every generated file with its hash', () => {
    writeTree(root, treeOf(placed('a')));
    const { files } = JSON.parse(read(MANIFEST)) as { files: Record<string, string> };
    expect(Object.keys(files)).toEqual(['prod/team/chat/configmap-a.yaml', 'prod/team/chat/kustomization.yaml']);
    expect(files['prod/team/chat/configmap-a.yaml']).toMatch(/^[0-9a-f]{64}$/);
  });

  test('says what to do about a manifest with a merge conflict', () => {
    writeTree(root, treeOf(placed('a')));
    writeFileSync(join(root, MANIFEST), '<<<<<<< ours');
    expect(() => writeTree(root, treeOf(placed('a')))).toThrow(/merge conflict.*run synth again/);
  });
});
