import fc from 'fast-check';
import type { WorkspaceProps } from '../../src';
import { network, operations, pod } from './random-additions';

/** Mostly left out: a Workspace in which everything is given at once is hardly ever right. */
const rarely = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 6, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });

/** As it would be in a file: without what is left out. */
const asProps = (given: object) => JSON.parse(JSON.stringify(given)) as WorkspaceProps;

const metadata = {
  labels: rarely(fc.constant({ team: 'a', 'x.y/z': 'b' })),
  annotations: rarely(
    fc.constantFrom(
      { 'example.com/owner': 'a', 'kaito.sh/enablelb': 'True' },
      { 'kaito.sh/runtime': 'transformers' },
    ),
  ),
  namespace: rarely(fc.constantFrom('chat', 'team-b')),
  network: rarely(network),
  pod: rarely(pod),
};

const MACHINE = 'Standard_NC24ads_A100_v4';

const resource = {
  instanceType: fc.oneof(
    { weight: 4, arbitrary: fc.constant(MACHINE) },
    { weight: 1, arbitrary: fc.constant([MACHINE, 'Standard_NC40ads_H100_v5']) },
  ),
  labelSelector: rarely(
    fc.constantFrom<object>(
      { matchLabels: { pool: 'a' } },
      { matchExpressions: [{ key: 'pool', operator: 'In', values: ['a'] }] },
    ),
  ),
  capacityType: rarely(fc.constantFrom('spot', 'spot-then-on-demand')),
  nodeClassName: rarely(fc.constant('large')),
  nodeImageFamily: rarely(fc.constantFrom('ubuntu', 'azurelinux')),
  nodeCountLimit: rarely(fc.constantFrom(4, 8)),
  bypassResourceChecks: rarely(fc.boolean()),
};

const weights = fc.constantFrom<object>(
  { from: 'pvc', claimName: 'weights', path: 'a' },
  { from: 'download', volume: 'nvme' },
  { from: 'sharedPvc', storageClassName: 'files' },
  { from: 'node', path: '/models/phi' },
  {
    from: 'image',
    reference: 'registry.example.com/w:1',
    format: 'image',
    mount: 'step',
    imagePullSecrets: ['a'],
  },
);

const CLAIM = { persistentVolumeClaim: { claimName: 'a', readOnly: true } };
const adapters = fc.constantFrom<object[]>(
  [{ source: { name: 'a', image: 'registry.example.com/a:1', imagePullSecrets: ['reg'] }, rank: 32 }],
  [
    { source: { name: 'a', volumeSource: CLAIM } },
    { source: { name: 'b', image: 'registry.example.com/b:1' } },
  ],
  [{ source: { name: 'a', image: 'registry.example.com/a:1' }, strength: '0.5' }],
);

const inference = {
  preset: fc.constantFrom<object>(
    { name: 'phi-4-mini-instruct' },
    { name: 'microsoft/phi-4', accessMode: 'public' },
    { name: 'phi-4', presetOptions: { modelAccessSecret: 'hf', imagePullSecrets: ['reg'] } },
  ),
  config: rarely(
    fc.constantFrom<object>(
      { vllm: { 'max-num-seqs': 8, 'enforce-eager': null } },
      { vllm: { 'max-model-len': '8192' } },
      { kv_cache_cpu_memory_utilization: 0.25, max_probe_steps: 3 },
    ),
  ),
  adapters: rarely(adapters),
  runtime: rarely(fc.constantFrom('vllm', 'transformers')),
  image: rarely(
    fc.constantFrom<unknown>('kaito', { kind: 'vllm', reference: 'registry.example.com/vllm:1' }),
  ),
  contextLength: rarely(fc.constant(8192)),
  concurrency: rarely(fc.constantFrom(1, 2)),
  gpuMemoryUtilization: rarely(fc.constant(0.8)),
  replicas: rarely(fc.constantFrom(0, 2)),
  servedName: rarely(fc.constantFrom<unknown>('chat/model', ['chat', 'chat-old'])),
  multiNodeWorkload: rarely(fc.constantFrom('StatefulSet', 'LeaderWorkerSet')),
  weights: rarely(weights),
  rollout: rarely(fc.constantFrom<object>({ maxUnavailable: 2 }, { maxUnavailable: '50%' })),
  performanceMode: rarely(fc.constant('throughput')),
};

/** Over several nodes, and no small change besides. */
const groups = fc.constantFrom<object>(
  {
    resource: { instanceType: 'Standard_NV36ads_A10_v5', count: 2 },
    inference: { preset: { name: 'phi-4' }, replicas: 2 },
    disruptionBudget: { maxUnavailable: '50%' },
  },
  {
    resource: { instanceType: 'Standard_NV36ads_A10_v5', count: 2 },
    inference: { preset: { name: 'phi-4' }, multiNodeWorkload: 'LeaderWorkerSet' },
    autoscaling: { maxReplicas: 3 },
    monitoring: { dashboard: true },
    inferencePool: {},
  },
);

/** Parts of the nodes that the cluster says it has. */
const parts = fc
  .record({
    partition: fc.constantFrom<object>(
      { mode: 'mig', profile: '3g.40gb' },
      { mode: 'accelerator', count: 2 },
    ),
    replicas: fc.constantFrom(1, 2),
  })
  .map(({ partition, replicas }) => ({
    resource: { partition },
    inference: { preset: { name: 'phi-4-mini-instruct' }, replicas },
  }));

const SERVER = {
  name: 'server',
  image: 'registry.example.com/server:1',
  ports: [{ containerPort: 5000 }],
  resources: { limits: { 'nvidia.com/gpu': '1' } },
};

/** The user's own pods. */
const templates = fc
  .record({
    ...metadata,
    resource: fc.record({ ...resource, count: rarely(fc.constantFrom(1, 2)) }),
    inference: fc
      .constantFrom<object>(
        { containers: [SERVER] },
        { containers: [SERVER], affinity: { nodeAffinity: {} }, volumes: [{ name: 'a', emptyDir: {} }] },
        { containers: [SERVER], initContainers: [{ name: 'a', image: 'registry.example.com/a:1' }] },
      )
      .map((spec) => ({ template: { metadata: { labels: { app: 'own' } }, spec } })),
    disruptionBudget: rarely(fc.constant({ maxUnavailable: 1 })),
  })
  .map(asProps);

/** Serving, with each field of its own and around it now and then. */
export const serving: fc.Arbitrary<WorkspaceProps> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .record({
        ...metadata,
        resource: fc.record(resource),
        inference: fc.record(inference),
        service: rarely(fc.constantFrom<object>({ type: 'ClusterIP' }, { type: 'LoadBalancer' })),
        ...operations,
      })
      .map(asProps),
  },
  { weight: 1, arbitrary: groups.map(asProps) },
  { weight: 1, arbitrary: parts.map(asProps) },
  { weight: 1, arbitrary: templates },
);

/** Fine-tuning, likewise. */
export const tuning: fc.Arbitrary<WorkspaceProps> = fc
  .record({
    ...metadata,
    resource: fc.record(resource),
    tuning: fc.record({
      preset: fc.constantFrom({ name: 'phi-4-mini-instruct' }, { name: 'mistral-7b' }),
      method: rarely(fc.constantFrom('lora', 'qlora')),
      config: rarely(fc.constant({ training_config: { LoraConfig: { r: 16 } } })),
      weights: rarely(weights),
      input: fc.constantFrom<object>(
        { urls: ['https://data.example.com/a.parquet'] },
        { image: 'registry.example.com/data:1', imagePullSecrets: ['reg'] },
        { volumeSource: { persistentVolumeClaim: { claimName: 'rows' } } },
      ),
      output: fc.constantFrom<object>(
        { image: 'registry.example.com/out:1', imagePushSecret: 'push' },
        { volumeSource: { persistentVolumeClaim: { claimName: 'out' } } },
      ),
    }),
  })
  .map(asProps);
