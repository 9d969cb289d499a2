import { parse } from 'yaml';
import { Cluster, Fleet, InvalidInputError, Workspace, type ClusterProps, type Problem } from '../../src';
import type { KubernetesObject } from '../../src/gitops/object';

function render(props: ClusterProps): readonly KubernetesObject[] {
  const fleet = new Fleet();
  const cluster = new Cluster(fleet, 'prod', { ...props, defaults: { namespace: 'chat' } });
  new Workspace(cluster, 'phi', {
    resource: { instanceType: 'Standard_NC24ads_A100_v4' },
    inference: {
      preset: { name: 'phi-4-mini-instruct' },
    },
  });
  new Workspace(cluster, 'tickets', {
    tuning: {
      preset: { name: 'phi-4-mini-instruct' },
      method: 'lora',
      input: { urls: ['https://data.example.com/tickets.jsonl'] },
      output: { image: 'registry.example.com/adapters/tickets:1', imagePushSecret: 'registry' },
    },
  });
  // A neighbour with the default, on the same Fleet.
  new Workspace(new Cluster(fleet, 'other', { defaults: { namespace: 'chat' } }), 'phi', {
    resource: { instanceType: 'Standard_NC24ads_A100_v4' },
    inference: { preset: { name: 'phi-4-mini-instruct' } },
  });
  const { tree } = fleet.render();
  return [...tree]
    .filter(([path]) => path.startsWith('prod/') || path.startsWith('other/platform/nodepool'))
    .map(([, content]) => parse(content) as KubernetesObject);
}

function optionsOf(objects: readonly KubernetesObject[], kind: string) {
  return objects
    .filter((object) => object.kind === kind)
    .map(({ metadata }) => {
      const { annotations } = metadata;
      return [
        annotations?.['argocd.argoproj.io/sync-options'],
        annotations?.['argocd.argoproj.io/compare-options'],
      ];
    });
}

function problemsOf(props: ClusterProps): readonly Problem[] {
  try {
    render(props);
    return [];
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    return error.problems;
  }
}

const KEPT = ['Prune=false,Delete=false', 'IgnoreExtraneous'];
const ASKED = ['Prune=confirm,Delete=false', undefined];

describe('what Argo CD does with nodes and namespaces that are rendered no more', () => {
  test.each<[string, ClusterProps]>([
    ['by default', {}],
    ['when told so', { pruneProtection: 'keep' }],
  ])('%s it keeps them, and calls them no difference', (_, props) => {
    const objects = render(props);
    expect(optionsOf(objects, 'NodePool')).toEqual([KEPT, KEPT, KEPT]);
    expect(optionsOf(objects, 'Namespace')).toEqual([KEPT]);
  });

  test('it asks, where that is wanted, and only in that cluster', () => {
    const objects = render({ pruneProtection: 'confirm' });
    expect(optionsOf(objects, 'NodePool')).toEqual([KEPT, ASKED, ASKED]);
    expect(optionsOf(objects, 'Namespace')).toEqual([ASKED]);
  });

  test('with Flux, which cannot ask, it is an error that says what happens instead', () => {
    expect(problemsOf({ gitOps: 'flux', pruneProtection: 'confirm' })).toMatchObject([
      {
        code: 'contradiction',
        field: 'pruneProtection',
        message: expect.stringContaining('Flux, which cannot ask') as string,
        next: expect.stringContaining('keeps node pools, claims and namespaces') as string,
      },
    ]);
    expect(() => render({ gitOps: 'flux', pruneProtection: 'keep' })).not.toThrow();
  });
});
