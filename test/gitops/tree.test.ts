import fc from 'fast-check';
import type { KubernetesObject } from '../../src/gitops/object';
import { renderTree, toStream, type PlacedObject } from '../../src/gitops/tree';

const configMap = (name: string): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'team' },
  data: { value: '1' },
});
const placed = (name: string, folder = 'prod/team/chat'): PlacedObject => ({
  object: configMap(name),
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
    const { collisions } = renderTree([
      placed('a'),
      placed('a', 'prod/team/other'),
      placed('a', 'staging/team/chat'),
    ]);
    expect(collisions).toEqual([
      {
        path: 'prod/team/other/configmap-a.yaml',
        constructs: ['fleet/prod/team/chat/a', 'fleet/prod/team/other/a'],
      },
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
    const nodePool: KubernetesObject = {
      apiVersion: 'karpenter.sh/v1',
      kind: 'NodePool',
      metadata: { name: 'a' },
      spec: {},
    };
    const render = (engine: 'argocd' | 'flux') =>
      treeOf({ object: nodePool, folder: 'prod/platform', construct: 'x', engine }).get(
        'prod/platform/nodepool-a.yaml',
      );
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
    const { tree } = renderTree([
      { object: hook, folder: 'prod/platform', construct: 'x', engine: 'argocd' },
    ]);
    expect(tree.get('prod/platform/configmap-a.yaml')).toContain('argocd.argoproj.io/sync-wave: "-5"');
  });
});
