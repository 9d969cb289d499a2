import '../property-seed';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { Cluster, Fleet, Workspace, type ClusterProps, type WorkspaceProps } from '../../src';
import { readDocuments } from '../../src/spec/read-documents';
import { serving, tuning } from './random-workspaces';

const CLUSTERS: readonly ClusterProps[] = [
  {},
  {
    gitOps: 'flux',
    kubernetesVersion: '1.35',
    gateway: { name: 'gateway', namespace: 'infra', implementation: 'istio' },
  },
  { nodeProvisioning: { kind: 'karpenter', staticCapacity: true }, defaults: { image: 'vllm' } },
  {
    nodeProvisioning: {
      kind: 'ownNodes',
      gpu: { product: 'NVIDIA-A100-SXM4-80GB', count: 4, memoryGiB: 80 },
    },
    networkPolicy: 'cilium',
  },
];

function asYaml({ namespace, labels, annotations, ...rest }: WorkspaceProps): string {
  const metadata = { name: 'chat', namespace, labels, annotations };
  return stringify({ apiVersion: 'slipway.dev/v1alpha1', kind: 'Workspace', metadata, ...rest });
}

/** What `add` makes of a cluster; what is refused shows in its place. */
function outcome(props: ClusterProps, add: (cluster: Cluster, fleet: Fleet) => void): unknown {
  const fleet = new Fleet();
  add(new Cluster(fleet, 'prod', props), fleet);
  try {
    return [...fleet.render().tree];
  } catch (error) {
    const { problems = [] } = error as { problems?: readonly { code: string; message: string }[] };
    if (problems.length === 0) throw error;
    // YAML has name, labels and annotations below `metadata`.
    return problems.map(({ code, message }) => `${code} ${message.replaceAll('metadata.', '')}`).sort();
  }
}

test('the same input in TypeScript and in YAML gives the same bytes', () => {
  let rendered = 0;
  fc.assert(
    fc.property(
      fc.oneof({ weight: 4, arbitrary: serving }, { weight: 1, arbitrary: tuning }),
      fc.constantFrom(...CLUSTERS),
      (given, props) => {
        const inTypeScript = outcome(props, (cluster) => new Workspace(cluster, 'chat', given));
        const inYaml = outcome(props, (cluster, fleet) => {
          const { workspaces, problems } = readDocuments([{ file: 'w.yaml', text: asYaml(given) }]);
          fleet.report(problems);
          for (const spec of workspaces) new Workspace(cluster, spec.name, spec);
        });
        expect(inYaml).toEqual(inTypeScript);
        if (isTree(inYaml)) rendered += 1;
      },
    ),
    { numRuns: 60 },
  );
  expect(rendered).toBeGreaterThan(20);
});

test("adding a Workspace never changes another's files", () => {
  const any = fc.oneof({ weight: 4, arbitrary: serving }, { weight: 1, arbitrary: tuning });
  /** What belongs to all: the platform's list of files, namespaces, and weights that several share. */
  const isShared = (path: string) =>
    /^prod\/platform\/(kustomization|namespace-.*)\.yaml$/.test(path) || path.includes('/weights-');
  let compared = 0;
  fc.assert(
    fc.property(any, any, fc.constantFrom(...CLUSTERS), fc.boolean(), (first, second, props, isFirst) => {
      const treeOf = (added: readonly (readonly [string, WorkspaceProps])[]): unknown =>
        outcome(props, (cluster) => {
          for (const [name, given] of added) new Workspace(cluster, name, given);
        });
      const [a, b] = [['chat', first] as const, ['chat-b', second] as const];
      const [alone, both] = [treeOf([a]), treeOf(isFirst ? [b, a] : [a, b])];
      if (!isTree(alone) || !isTree(both)) return;
      compared += 1;
      const others = new Map(both);
      for (const [path, content] of alone) {
        if (!isShared(path)) expect([path, others.get(path)]).toEqual([path, content]);
      }
    }),
    { numRuns: 60 },
  );
  expect(compared).toBeGreaterThan(10);
});

/** A rendered tree, and no list of problems. */
function isTree(value: unknown): value is readonly (readonly [string, string])[] {
  return Array.isArray(value) && Array.isArray(value[0]);
}
