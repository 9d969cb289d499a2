import { stringify } from 'yaml';
import type { ClusterProps } from '../../src';

export type Json = Readonly<Record<string, unknown>>;

/** What becomes of a field: the rendered tree depends on it, it is warned about, it is an error, or nothing, as the docs say. */
type Outcome = 'renders' | 'warns' | 'refused' | 'nothing';

/** A value of a field, in a document where it matters. */
export interface Probe {
  readonly value: unknown;
  readonly outcome: Outcome;
  readonly document: Json;
  readonly cluster?: ClusterProps;
}

const MACHINE = 'Standard_NC24ads_A100_v4';
const SELECTOR = { matchLabels: { apps: 'chat' } };
const OWN_NODES: ClusterProps = {
  nodeProvisioning: {
    kind: 'ownNodes',
    gpu: { product: 'NVIDIA-A100-SXM4-80GB', count: 8, memoryGiB: 80 },
  },
};
/** What the documents name. */
export const CONFIG_MAPS = (
  [
    ['serving', 'inference_config.yaml', { vllm: { 'max-num-seqs': 8 } }],
    ['training', 'training_config.yaml', { training_config: { LoraConfig: { r: 16 } } }],
    [
      'picker',
      'config.yaml',
      {
        plugins: [{ type: 'queue-scorer' }],
        schedulingProfiles: [{ name: 'default', plugins: [{ pluginRef: 'queue-scorer' }] }],
      },
    ],
  ] as const
).map(([name, key, content]) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data: { [key]: stringify(content) },
}));

const workspace = (rest: Json, resource: Json = { instanceType: MACHINE }, metadata: Json = {}): Json => ({
  apiVersion: 'kaito.sh/v1beta1',
  kind: 'Workspace',
  metadata: { name: 'chat', ...metadata },
  resource: { labelSelector: SELECTOR, ...resource },
  ...rest,
});
/** A Workspace that serves, with changes. */
export const serving = (inference: Json = {}, resource?: Json, metadata?: Json): Json =>
  workspace({ inference: { preset: { name: 'phi-4-mini-instruct' }, ...inference } }, resource, metadata);
const adapted = (adapter: Json = {}, source: Json = { name: 'a', image: 'registry.example.com/a:1' }): Json =>
  serving({ adapters: [{ source, ...adapter }] });
const tuning = (rest: Json = {}): Json =>
  workspace({
    tuning: {
      preset: { name: 'phi-4-mini-instruct' },
      input: { urls: ['https://data.example.com/a.parquet'] },
      output: { image: 'registry.example.com/out:1', imagePushSecret: 'push' },
      ...rest,
    },
  });
const CLAIM = { persistentVolumeClaim: { claimName: 'data' } };
const TEMPLATE = { spec: { containers: [{ name: 'server', image: 'registry.example.com/server:1' }] } };

function renders(value: unknown, document: Json, cluster?: ClusterProps): Probe {
  return { value, outcome: 'renders', document, ...(cluster !== undefined && { cluster }) };
}
/** A field that is warned about. */
export const warns = (value: unknown, document: Json): Probe => ({ value, outcome: 'warns', document });
const refused = (value: unknown, document: Json): Probe => ({ value, outcome: 'refused', document });

/** What KAITO's `inference` has, wherever it stands. */
const INFERENCE: Readonly<Record<string, Probe>> = {
  'inference.preset.name': renders('phi-4', serving()),
  'inference.preset.accessMode': warns('private', serving()),
  'inference.preset.presetOptions.image': refused('registry.example.com/phi:1', serving()),
  'inference.preset.presetOptions.imagePullSecrets': renders(['registry'], serving()),
  'inference.preset.presetOptions.modelAccessSecret': renders('hf', serving()),
  'inference.template': renders(TEMPLATE, workspace({ inference: {} })),
  'inference.config': renders('serving', serving()),
  'inference.adapters[].source.name': renders('b', adapted()),
  'inference.adapters[].source.image': renders('registry.example.com/b:2', adapted()),
  'inference.adapters[].source.imagePullSecrets': renders(['registry'], adapted()),
  'inference.adapters[].source.volumeSource': renders(CLAIM, adapted({}, { name: 'a' })),
  'inference.adapters[].source.urls': refused(['https://data.example.com/a'], adapted({}, { name: 'a' })),
  'inference.adapters[].strength': renders('0.5', adapted()),
};

/** The fields of a node's part. */
const PARTITION: Readonly<Record<string, Probe>> = {
  'resource.partition.mode': renders('mig', serving({}, { partition: { profile: '3g.40gb' } }), OWN_NODES),
  'resource.partition.profile': renders('3g.40gb', serving({}, { partition: { mode: 'mig' } }), OWN_NODES),
  'resource.partition.count': renders(2, serving({}, { partition: { mode: 'accelerator' } }), OWN_NODES),
};

const expression = (changes: Json = {}): Json =>
  serving(
    {},
    {
      labelSelector: { matchExpressions: [{ key: 'apps', operator: 'In', values: ['chat'], ...changes }] },
      instanceType: MACHINE,
    },
  );
const SELECTORS: Readonly<Record<string, Probe>> = {
  'resource.labelSelector.matchLabels': renders({ apps: 'other' }, serving()),
  'resource.labelSelector.matchExpressions[].key': renders('team', expression()),
  'resource.labelSelector.matchExpressions[].operator': refused('NotIn', expression()),
  'resource.labelSelector.matchExpressions[].values': renders(['other'], expression()),
};

export const WORKSPACE: Readonly<Record<string, Probe>> = {
  ...INFERENCE,
  ...PARTITION,
  ...SELECTORS,
  'resource.count': renders(2, serving()),
  'resource.instanceType': renders('Standard_NC40ads_H100_v5', serving()),
  'resource.preferredNodes': refused(['node-1'], serving()),
  'tuning.preset.name': renders('phi-4', tuning()),
  'tuning.preset.accessMode': warns('private', tuning()),
  'tuning.preset.presetOptions.image': refused('registry.example.com/phi:1', tuning()),
  'tuning.preset.presetOptions.imagePullSecrets': renders(['registry'], tuning()),
  'tuning.preset.presetOptions.modelAccessSecret': renders('hf', tuning()),
  'tuning.method': renders('qlora', tuning()),
  'tuning.config': renders('training', tuning()),
  'tuning.input.name': { value: 'rows', outcome: 'nothing', document: tuning() },
  'tuning.input.urls': renders(['https://data.example.com/b.parquet'], tuning()),
  'tuning.input.image': renders('registry.example.com/rows:1', tuning({ input: {} })),
  'tuning.input.imagePullSecrets': renders(
    ['registry'],
    tuning({ input: { image: 'registry.example.com/rows:1' } }),
  ),
  'tuning.input.volumeSource': renders(CLAIM, tuning({ input: {} })),
  'tuning.output.image': renders('registry.example.com/out:2', tuning()),
  'tuning.output.imagePushSecret': renders('other', tuning()),
  'tuning.output.volumeSource': renders(CLAIM, tuning({ output: {} })),
};

const asSet = (document: Json, spec: Json = {}): Json => {
  const { apiVersion, metadata, resource, inference } = document;
  const { labelSelector, ...machines } = resource as Json;
  return {
    apiVersion,
    kind: 'InferenceSet',
    metadata,
    spec: { labelSelector, template: { resource: machines, inference }, ...spec },
  };
};
const inSet = (probes: Readonly<Record<string, Probe>>, below: string): Readonly<Record<string, Probe>> =>
  Object.fromEntries(
    Object.entries(probes).map(([field, probe]) => [
      `${below}${field}`,
      { ...probe, document: asSet(probe.document) },
    ]),
  );
const upgrading = (more: Json = {}): Json =>
  asSet(serving(), {
    autoUpgrade: { enabled: true, maintenanceWindow: { schedule: '0 3 * * *' }, ...more },
  });

export const INFERENCE_SET: Readonly<Record<string, Probe>> = {
  ...inSet(INFERENCE, 'spec.template.'),
  ...inSet(PARTITION, 'spec.template.'),
  ...Object.fromEntries(
    Object.entries(inSet(SELECTORS, 'spec.')).map(([field, probe]) => [
      field.replace('spec.resource.', 'spec.'),
      probe,
    ]),
  ),
  'spec.template.resource.instanceType': renders('Standard_NC40ads_H100_v5', asSet(serving())),
  'spec.template.metadata': renders({ labels: { tier: 'gold' } }, asSet(serving())),
  'spec.replicas': renders(2, asSet(serving())),
  'spec.nodeCountLimit': refused(1, asSet(serving(), { replicas: 2 })),
  'spec.updateStrategy': renders(
    { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 2 } },
    asSet(serving(), { replicas: 4 }),
  ),
  'spec.autoUpgrade.enabled': warns(true, upgrading()),
  'spec.autoUpgrade.strategy': warns('Surge', upgrading()),
  'spec.autoUpgrade.maintenanceWindow.schedule': warns('0 4 * * *', upgrading()),
  'spec.autoUpgrade.maintenanceWindow.duration': warns('2h', upgrading()),
};

const halves = (spec: Json = {}, decode: Json = {}): Json => ({
  apiVersion: 'kaito.sh/v1alpha1',
  kind: 'MultiRoleInference',
  metadata: { name: 'chat' },
  spec: {
    labelSelector: SELECTOR,
    model: { name: 'phi-4-mini-instruct' },
    roles: [
      { type: 'decode', instanceType: MACHINE, ...decode },
      { type: 'prefill', instanceType: MACHINE },
    ],
    ...spec,
  },
});
const selectedHalves = halves({
  labelSelector: { matchExpressions: [{ key: 'apps', operator: 'In', values: ['chat'] }] },
});

export const MULTI_ROLE: Readonly<Record<string, Probe>> = {
  'spec.labelSelector.matchLabels': renders({ apps: 'other' }, halves()),
  'spec.labelSelector.matchExpressions[].key': renders('team', selectedHalves),
  'spec.labelSelector.matchExpressions[].operator': refused('NotIn', selectedHalves),
  'spec.labelSelector.matchExpressions[].values': renders(['other'], selectedHalves),
  'spec.model.name': renders('phi-4', halves()),
  'spec.model.modelAccessSecret': renders('hf', halves()),
  'spec.eppPluginsConfig': renders('picker', halves()),
  'spec.roles[].type': refused('prefill', halves()),
  'spec.roles[].replicas': renders(2, halves()),
  'spec.roles[].instanceType': renders('Standard_NC40ads_H100_v5', halves()),
  'spec.roles[].runtimeConfig': renders('serving', halves()),
};

const PREFIX = 'scaledobject.kaito.sh/';
const scaled = (more: Json = {}): Json =>
  serving({}, undefined, {
    annotations: { [`${PREFIX}auto-provision`]: 'true', [`${PREFIX}max-replicas`]: '3', ...more },
  });
const tight = workspace(
  { inference: { preset: { name: 'phi-4' } } },
  { instanceType: 'Standard_NV36ads_A10_v5', count: 1 },
);

export const ANNOTATIONS: Readonly<Record<string, Probe>> = {
  'kaito.sh/runtime': renders('transformers', workspace({ inference: { preset: { name: 'phi-4' } } })),
  'kaito.sh/enablelb': renders('True', serving()),
  'kaito.sh/bypass-resource-checks': renders('', tight),
  'kaito.sh/node-image-family': renders('azurelinux', serving()),
  'kaito.sh/node-class-name': renders('gpu', serving()),
  'kaito.sh/disable-benchmark': warns('false', serving()),
  'kaito.sh/performance-mode': renders('throughput', serving()),
  'kaito.sh/use-local-weights': renders('true', serving({}, {}), OWN_NODES),
  'kaito.sh/model-streaming': warns('enabled', serving()),
  'kaito.sh/model-mirror-storage-class': warns('files', serving()),
  'kaito.sh/streaming-service-account': warns('reader', serving()),
  'inference.kaito.sh/static-model-mirror': warns('phi', serving()),
  'inference.kaito.sh/stream-datarefs-url': warns('https://files.example.com', serving()),
  'inference.kaito.sh/stream-identity-client-id': warns('a', serving()),
  'inference.kaito.sh/stream-source-type': warns('byo', serving()),
  [`${PREFIX}auto-provision`]: renders('true', scaled()),
  [`${PREFIX}max-replicas`]: renders('4', scaled()),
  [`${PREFIX}metricName`]: refused('vllm:kv_cache_usage_perc', scaled()),
  [`${PREFIX}threshold`]: renders('10', scaled()),
  'workspace.kaito.io/revision': warns('3', serving()),
  'workspace.kaito.io/hash': warns('abc', serving()),
  'kubectl.kubernetes.io/last-applied-configuration': warns('{}', serving()),
};
