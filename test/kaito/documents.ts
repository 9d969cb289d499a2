import fc from 'fast-check';
import { loadCatalog } from '../../src/catalog/catalog';

/** A document, and the ConfigMaps that it names. */
export interface Generated {
  readonly document: Readonly<Record<string, unknown>>;
  readonly configMaps: readonly Readonly<Record<string, unknown>>[];
}

const catalog = loadCatalog();
const MODELS = catalog.models().flatMap((model) => (model.status === 'current' ? [model] : []));
const MACHINES = catalog.machines('azure').map(({ name }) => name);

/** Mostly left out: a document in which everything is wrong at once shows little. */
function rarely<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: 7, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
}

/** A map each of whose members is mostly left out. */
function sparse(
  members: Readonly<Record<string, fc.Arbitrary<unknown>>>,
): fc.Arbitrary<Record<string, unknown>> {
  const options = Object.entries(members).map(([key, arbitrary]) => [key, rarely(arbitrary)] as const);
  return fc.record(Object.fromEntries(options));
}

/** Names of presets as KAITO's users write them: short names, and Hugging Face ids in any case. */
const modelName = fc.constantFrom(
  ...MODELS.flatMap(({ name, huggingFaceId }) => [name, huggingFaceId, huggingFaceId.toLowerCase()]),
);
const tunableName = fc.constantFrom(
  'phi-4',
  'phi-4-mini-instruct',
  'mistral-7b',
  'qwen2.5-coder-7b-instruct',
);
/** KAITO takes SKUs in any case; some are too small for some models, and some retired. */
const machineName = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      'Standard_NC96ads_A100_v4',
      'Standard_ND96isr_H100_v5',
      'standard_nc24ads_a100_v4',
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ...MACHINES,
      ...MACHINES.map((name) => name.toLowerCase()),
      'Standard_NC6s_v3',
      'Standard_NG32ads_V620_v1',
    ),
  },
);
/** KAITO takes any DNS label, also one that no Service can have. */
const dnsLabel = fc.oneof(
  { weight: 9, arbitrary: fc.stringMatching(/^[a-z]([a-z0-9-]{0,20}[a-z0-9])?$/) },
  { weight: 1, arbitrary: fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/) },
);
const secretName = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}[a-z0-9]$/);
const image = fc.constantFrom(
  'registry.example.com/adapters/a:1',
  'acr.azurecr.io/b@sha256:7d865e959b2466918c9863afca942d0fb89d7c9ac0c99bafc3749504ded97730',
  'adapter',
);
const labelValue = fc.stringMatching(/^[A-Za-z0-9]([A-Za-z0-9._-]{0,10}[A-Za-z0-9])?$/);
const matchLabels = fc.dictionary(
  fc.constantFrom('apps', 'team', 'x.y/z', 'kaito.sh/workspace'),
  labelValue,
  {
    minKeys: 1,
    maxKeys: 3,
  },
);
const labelSelector = fc.oneof(
  matchLabels
    .filter((labels) => Object.keys(labels).some((key) => !key.startsWith('kaito.sh/')))
    .map((labels) => ({ matchLabels: labels })),
  labelValue.map((value) => ({ matchExpressions: [{ key: 'apps', operator: 'In', values: [value] }] })),
);

const partition = fc.oneof(
  fc.constantFrom('1g.10gb', '3g.40gb', '7g.80gb', '1g.5gb').map((profile) => ({ mode: 'mig', profile })),
  fc.integer({ min: 1, max: 8 }).map((count) => ({ mode: 'accelerator', count })),
);

const volumeSource = fc.constantFrom(
  { persistentVolumeClaim: { claimName: 'data' } },
  { emptyDir: {} },
  { azureFile: { secretName: 'files', shareName: 'data', readOnly: true } },
);

const adapters = fc.uniqueArray(
  fc.record(
    {
      source: fc.oneof(
        fc.record({ name: secretName, image, imagePullSecrets: fc.array(secretName, { maxLength: 1 }) }),
        fc.record({ name: secretName, volumeSource }),
      ),
      strength: fc.constantFrom('1.0', '0.5', '0'),
    },
    { requiredKeys: ['source'] },
  ),
  { maxLength: 3, selector: ({ source }) => source.name },
);

const vllmOptions = fc.dictionary(
  fc.constantFrom(
    'max-model-len',
    'max-num-seqs',
    'gpu-memory-utilization',
    'enforce-eager',
    'served-model-name',
  ),
  fc.constantFrom('2048', '8', '0.9', '', 'x'),
  { maxKeys: 3 },
);

/** Annotations that every kind takes, with the values that KAITO takes. */
const annotations = sparse({
  'kaito.sh/runtime': fc.constantFrom('vllm', 'transformers'),
  'kaito.sh/enablelb': fc.constantFrom('True', 'False'),
  'kaito.sh/bypass-resource-checks': fc.constantFrom('true', ''),
  'kaito.sh/node-image-family': fc.constantFrom('ubuntu', 'AzureLinux'),
  'kaito.sh/disable-benchmark': fc.constantFrom('true', 'false'),
  'kaito.sh/performance-mode': fc.constantFrom('balanced', 'interactivity', 'throughput'),
  'kaito.sh/use-local-weights': fc.constantFrom('true', 'false'),
  'kaito.sh/model-streaming': fc.constant('disabled'),
  'scaledobject.kaito.sh/auto-provision': fc.constantFrom('true', 'false'),
  'scaledobject.kaito.sh/max-replicas': fc.constantFrom('1', '4'),
  'scaledobject.kaito.sh/metricName': fc.constantFrom(
    'vllm:num_requests_waiting',
    'vllm:kv_cache_usage_perc',
  ),
  'scaledobject.kaito.sh/threshold': fc.constantFrom('1', '10'),
  'example.com/owner': fc.constant('team-a'),
});

const metadata = fc.record(
  {
    name: dnsLabel,
    namespace: fc.constantFrom('default', 'chat'),
    labels: fc.dictionary(fc.constantFrom('team', 'kaito.sh/inference-role'), labelValue, { maxKeys: 2 }),
    annotations,
  },
  { requiredKeys: ['name'] },
);

const preset = (name: fc.Arbitrary<string>) =>
  fc.record(
    {
      name,
      accessMode: fc.constantFrom('public', 'private'),
      presetOptions: sparse({
        modelAccessSecret: secretName,
        imagePullSecrets: fc.array(secretName, { maxLength: 1 }),
        image,
      }),
    },
    { requiredKeys: ['name'] },
  );

const podTemplate = fc.record({
  spec: fc.record(
    {
      containers: fc.constantFrom(
        [{ name: 'server', image: 'registry.example.com/server:1', ports: [{ containerPort: 5000 }] }],
        [{ name: 'server', image: 'registry.example.com/server:1', command: ['sh', '-c', 'echo $HOME'] }],
      ),
      affinity: fc.constant({ nodeAffinity: {} }),
      tolerations: fc.constant([{ key: 'a', operator: 'Exists' }]),
    },
    { requiredKeys: ['containers'] },
  ),
});

interface Named {
  readonly part: Readonly<Record<string, unknown>>;
  readonly config?: Readonly<Record<string, unknown>>;
}

const served: fc.Arbitrary<Named> = fc
  .record({ preset: preset(modelName), adapters: rarely(adapters), vllm: rarely(vllmOptions) })
  .map(({ vllm, ...part }) =>
    vllm === undefined ? { part } : { part: { ...part, config: 'serving' }, config: { vllm } },
  );

/** KAITO's `inference`, and the content of the config that it names. */
const inference: fc.Arbitrary<Named> = fc.oneof(
  { weight: 6, arbitrary: served },
  { weight: 1, arbitrary: podTemplate.map((template): Named => ({ part: { template } })) },
);

const tuning: fc.Arbitrary<Named> = fc
  .record({
    preset: preset(tunableName),
    method: fc.constantFrom('lora', 'qlora'),
    input: fc.oneof(
      fc.constant({ name: 'data', urls: ['https://data.example.com/a.parquet'] }),
      fc.record({
        name: fc.constant('data'),
        image,
        imagePullSecrets: fc.array(secretName, { maxLength: 1 }),
      }),
      fc.record({ name: fc.constant('data'), volumeSource }),
    ),
    output: fc.oneof(fc.record({ image, imagePushSecret: secretName }), fc.record({ volumeSource })),
  })
  .chain((part): fc.Arbitrary<Named> =>
    fc
      .option(fc.constantFrom({ LoraConfig: { r: 16 } }, { TrainingArguments: { num_train_epochs: 2 } }), {
        nil: undefined,
      })
      .map((sections) =>
        sections === undefined
          ? { part }
          : {
              part: { ...part, config: 'training' },
              config: {
                training_config: {
                  ...sections,
                  QuantizationConfig: { load_in_4bit: part.method === 'qlora' },
                },
              },
            },
      ),
  );

function configMap(
  name: string,
  key: string,
  namespace: unknown,
  content: object,
): Generated['configMaps'][number] {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, ...(typeof namespace === 'string' && { namespace }) },
    // JSON is YAML.
    data: { [key]: JSON.stringify(content) },
  };
}

const servingConfig = (namespace: unknown, config: object | undefined) =>
  config === undefined ? [] : [configMap('serving', 'inference_config.yaml', namespace, config)];

const resource = fc.record(
  {
    instanceType: machineName,
    labelSelector,
    count: rarely(fc.integer({ min: 1, max: 3 })),
    partition: rarely(partition),
  },
  { requiredKeys: ['labelSelector'] },
);

/** Workspaces that KAITO v0.12's schema and webhook accept. */
export const workspaces: fc.Arbitrary<Generated> = fc
  .record({
    metadata,
    resource,
    purpose: fc.oneof({ weight: 4, arbitrary: inference }, { weight: 1, arbitrary: tuning }),
  })
  .map(({ metadata: meta, resource: machines, purpose: { part, config } }) => {
    const isTuning = 'method' in part;
    return {
      document: {
        apiVersion: 'kaito.sh/v1beta1',
        kind: 'Workspace',
        metadata: meta,
        resource: isTuning ? { ...machines, count: 1, partition: undefined } : machines,
        [isTuning ? 'tuning' : 'inference']: part,
      },
      configMaps: isTuning
        ? config === undefined
          ? []
          : [configMap('training', 'training_config.yaml', meta.namespace, config)]
        : servingConfig(meta.namespace, config),
    };
  });

/** InferenceSets that KAITO v0.12's schema and webhook accept. */
export const inferenceSets: fc.Arbitrary<Generated> = fc
  .record({
    apiVersion: fc.constantFrom('kaito.sh/v1beta1', 'kaito.sh/v1alpha1'),
    metadata,
    rest: sparse({
      replicas: fc.integer({ min: 0, max: 4 }),
      nodeCountLimit: fc.integer({ min: 0, max: 8 }),
      updateStrategy: fc.constantFrom(
        { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
        { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%' } },
      ),
      autoUpgrade: fc.constantFrom(
        { enabled: true, strategy: 'Surge', maintenanceWindow: { schedule: '0 3 * * *', duration: '2h' } },
        { enabled: false },
      ),
    }),
    labelSelector,
    inference,
    machines: fc.record({ instanceType: machineName, partition: rarely(partition) }, { requiredKeys: [] }),
    template: fc.record({ labels: fc.constant({ tier: 'gold' }), annotations }, { requiredKeys: [] }),
  })
  .map(
    ({
      apiVersion,
      metadata: meta,
      rest,
      labelSelector: selector,
      inference: named,
      machines,
      template,
    }) => ({
      document: {
        apiVersion,
        kind: 'InferenceSet',
        metadata: meta,
        spec: {
          ...rest,
          labelSelector: selector,
          template: {
            metadata: template,
            // v1alpha1 of the set has no partition.
            resource: apiVersion === 'kaito.sh/v1alpha1' ? { instanceType: machines.instanceType } : machines,
            inference: named.part,
          },
        },
      },
      configMaps: servingConfig(meta.namespace, named.config),
    }),
  );

const PICKER = {
  apiVersion: 'inference.networking.x-k8s.io/v1alpha1',
  kind: 'EndpointPickerConfig',
  plugins: [{ type: 'queue-scorer' }],
  schedulingProfiles: [{ name: 'default', plugins: [{ pluginRef: 'queue-scorer' }] }],
};

/** MultiRoleInferences that KAITO v0.12's schema and webhook accept. */
export const multiRoleInferences: fc.Arbitrary<Generated> = fc
  .record({
    metadata,
    labelSelector,
    model: fc.record({ name: modelName, modelAccessSecret: secretName }, { requiredKeys: ['name'] }),
    roles: fc
      .tuple(
        ...(['prefill', 'decode'] as const).map((type) =>
          fc.record(
            {
              type: fc.constant(type),
              replicas: fc.integer({ min: 1, max: 3 }),
              instanceType: machineName,
              runtimeConfig: rarely(fc.constant('serving')),
            },
            { requiredKeys: ['type'] },
          ),
        ),
      )
      .chain((roles) => fc.shuffledSubarray(roles, { minLength: 2 })),
    vllm: vllmOptions,
    hasPicker: fc.boolean(),
  })
  .map(({ metadata: meta, labelSelector: selector, model, roles, vllm, hasPicker }) => ({
    document: {
      apiVersion: 'kaito.sh/v1alpha1',
      kind: 'MultiRoleInference',
      metadata: meta,
      spec: { labelSelector: selector, model, roles, ...(hasPicker && { eppPluginsConfig: 'picker' }) },
    },
    configMaps: [
      ...(roles.some(({ runtimeConfig }) => runtimeConfig !== undefined)
        ? servingConfig(meta.namespace, { vllm })
        : []),
      ...(hasPicker ? [configMap('picker', 'config.yaml', meta.namespace, PICKER)] : []),
    ],
  }));
