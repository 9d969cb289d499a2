import '../property-seed';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { Cluster, Fleet, Workspace, type ClusterProps, type WorkspaceProps } from '../../src';
import { readDocuments } from '../../src/spec/read-documents';

const rarely = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });

/** Serving, with each field of its own and around it now and then. */
const serving = fc
  .record({
    labels: rarely(fc.constant({ team: 'a', 'x.y/z': 'b' })),
    annotations: rarely(fc.constant({ 'example.com/owner': 'a', 'kaito.sh/enablelb': 'True' })),
    namespace: rarely(fc.constantFrom('chat', 'team-b')),
    resource: fc.record({
      instanceType: fc.constantFrom<string | string[]>('Standard_NC24ads_A100_v4', [
        'Standard_NC24ads_A100_v4',
        'Standard_NC40ads_H100_v5',
      ]),
      labelSelector: rarely(fc.constant({ matchLabels: { zone: 'a' } })),
      capacityType: rarely(fc.constantFrom('spot', 'spot-then-on-demand')),
      nodeCountLimit: rarely(fc.constantFrom(4, 8)),
    }),
    inference: fc.record({
      preset: fc.constantFrom({ name: 'phi-4-mini-instruct' }, { name: 'microsoft/phi-4' }),
      config: rarely(
        fc.constantFrom(
          { vllm: { 'max-num-seqs': 8, 'enforce-eager': null } },
          { vllm: { 'max-model-len': '8192' } },
        ),
      ),
      adapters: rarely(fc.constant([{ source: { name: 'a', image: 'registry.example.com/a:1' } }])),
      image: rarely(fc.constantFrom('kaito', { kind: 'vllm', reference: 'registry.example.com/vllm:1' })),
      concurrency: rarely(fc.constantFrom(1, 2)),
      servedName: rarely(fc.constant('chat/model')),
      multiNodeWorkload: rarely(fc.constantFrom('StatefulSet', 'LeaderWorkerSet')),
      weights: rarely(
        fc.constantFrom({ from: 'pvc', claimName: 'weights' }, { from: 'download', volume: 'emptyDir' }),
      ),
      performanceMode: rarely(fc.constant('throughput')),
    }),
    service: rarely(fc.constantFrom({ type: 'ClusterIP' }, { type: 'LoadBalancer' })),
    pod: rarely(
      fc.constantFrom(
        { env: [{ name: 'A', value: '1' }], priorityClassName: 'high' },
        { tolerations: [{ key: 'a', operator: 'Exists' }], labels: { tier: 'gold' } },
      ),
    ),
    autoscaling: rarely(
      fc.constantFrom({ maxReplicas: 3 }, { maxReplicas: 2, by: 'hpa', waitingRequests: 4 }),
    ),
    disruptionBudget: rarely(fc.constantFrom({}, { maxUnavailable: '50%' })),
    monitoring: rarely(fc.constantFrom({}, { dashboard: true, labels: { release: 'prometheus' } })),
    route: rarely(
      fc.constantFrom({
        gateway: { name: 'gateway', namespace: 'infra' },
        hostnames: ['a.example.com'],
        path: '/a',
      }),
    ),
    inferencePool: rarely(fc.constantFrom({}, { failureMode: 'FailClose' })),
    network: rarely(fc.constant({ callers: [{ namespace: 'apps' }] })),
  })
  .map((given) => JSON.parse(JSON.stringify(given)) as WorkspaceProps);

const tuning = fc
  .record({
    resource: fc.constant({ instanceType: 'Standard_NC24ads_A100_v4' }),
    tuning: fc.record({
      preset: fc.constant({ name: 'phi-4-mini-instruct' }),
      method: rarely(fc.constantFrom('lora', 'qlora')),
      config: rarely(fc.constant({ training_config: { LoraConfig: { r: 16 } } })),
      input: fc.constantFrom(
        { urls: ['https://data.example.com/a.parquet'] },
        { image: 'registry.example.com/data:1' },
      ),
      output: fc.constantFrom(
        { image: 'registry.example.com/out:1', imagePushSecret: 'push' },
        { volumeSource: { persistentVolumeClaim: { claimName: 'out' } } },
      ),
    }),
    pod: rarely(fc.constant({ priorityClassName: 'low' })),
  })
  .map((given) => JSON.parse(JSON.stringify(given)) as WorkspaceProps);

const CLUSTERS: readonly ClusterProps[] = [
  {},
  {
    gitOps: 'flux',
    kubernetesVersion: '1.35',
    gateway: { name: 'gateway', namespace: 'infra', implementation: 'istio' },
  },
  { nodeProvisioning: { kind: 'karpenter', staticCapacity: true }, defaults: { image: 'vllm' } },
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
        if (Array.isArray(inYaml) && Array.isArray(inYaml[0])) rendered += 1;
      },
    ),
    { numRuns: 60 },
  );
  expect(rendered).toBeGreaterThan(20);
});
