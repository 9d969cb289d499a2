import { kaito, marked, own, readText } from './marked';

interface Case {
  readonly name: string;
  /** `¦` marks the place of the problem. */
  readonly yaml: string;
  readonly code: string;
  readonly field: string;
  readonly message: RegExp;
  readonly advice?: RegExp;
  readonly severity?: 'warning';
}

const TUNING = `tuning:
  preset:
    name: phi-4
  method: qlora
  input:
    urls: [https://data.example.com/a.parquet]
  output:
    image: registry.example.com/out:1
    imagePushSecret: push
`;

const CASES: readonly Case[] = [
  // Shape
  {
    name: 'a misspelt field',
    yaml: kaito('', 'resource:\n  ¦instanceTyp: x\n'),
    code: 'unknown-field',
    field: 'resource.instanceTyp',
    message: /unknown field/,
    advice: /did you mean instanceType\?/,
  },
  {
    name: 'a field that only Slipway has, in a KAITO document',
    yaml: kaito('  ¦replicas: 2\n'),
    code: 'unknown-field',
    field: 'inference.replicas',
    message: /unknown field/,
    advice: /slipway\.dev\/v1alpha1/,
  },
  {
    name: 'a word for a number',
    yaml: kaito('', 'resource:\n  count: ¦two\n'),
    code: 'wrong-type',
    field: 'resource.count',
    message: /expected an integer, got the string "two"/,
  },
  {
    name: 'a number for a word',
    yaml: kaito('', 'resource:\n  instanceType: ¦5\n'),
    code: 'wrong-type',
    field: 'resource.instanceType',
    message: /expected a string, got the number 5/,
    advice: /quotes/,
  },
  {
    name: 'a list for a map',
    yaml: kaito('', '¦resource: \n- a\n'),
    code: 'wrong-type',
    field: 'resource',
    message: /expected a map, got a list/,
  },
  {
    name: 'an empty list entry',
    yaml: kaito('  adapters:\n  -¦\n'),
    code: 'wrong-type',
    field: 'inference.adapters[0]',
    message: /expected a map, got nothing/,
  },
  {
    name: 'a Workspace below spec',
    yaml: 'apiVersion: kaito.sh/v1beta1\nkind: Workspace\nmetadata:\n  name: w\n¦spec:\n  inference:\n    preset: {name: phi-4}\n',
    code: 'unknown-field',
    field: 'spec',
    message: /unknown field/,
    advice: /a Workspace has no spec: move resource, inference and tuning one level up/,
  },
  {
    name: 'the MIG profile of earlier KAITO versions',
    yaml: kaito('', 'resource:\n  ¦mig: {profile: 1g.10gb}\n'),
    code: 'unknown-field',
    field: 'resource.mig',
    message: /unknown field/,
    advice: /write partition: \{mode: mig, profile: \.\.\.\}/,
  },
  {
    name: 'a missing required field',
    yaml: own('inference:\n  ¦preset:\n    accessMode: public\n'),
    code: 'missing-field',
    field: 'inference.preset.name',
    message: /is required/,
  },
  {
    name: 'an empty string',
    yaml: kaito('', "resource:\n  instanceType: ¦''\n"),
    code: 'empty-value',
    field: 'resource.instanceType',
    message: /is empty/,
  },
  {
    name: 'a value outside its list',
    yaml: own('inference:\n  preset: {name: phi-4}\n  runtime: ¦transformer\n'),
    code: 'invalid-value',
    field: 'inference.runtime',
    message: /"transformer" is not allowed/,
    advice: /did you mean transformers\?/,
  },
  {
    name: 'a number out of range',
    yaml: own('inference:\n  preset: {name: phi-4}\n  gpuMemoryUtilization: ¦1.5\n'),
    code: 'out-of-range',
    field: 'inference.gpuMemoryUtilization',
    message: /1\.5 is out of range/,
    advice: /<= 1/,
  },
  {
    name: 'more replicas than Kubernetes counts',
    yaml: own('inference:\n  preset: {name: phi-4}\n  replicas: ¦3000000000\n'),
    code: 'out-of-range',
    field: 'inference.replicas',
    message: /3000000000 is out of range/,
    advice: /<= 2147483647/,
  },
  {
    name: 'a concurrency beyond whole numbers',
    yaml: own('inference:\n  preset: {name: phi-4}\n  concurrency: ¦99999999999999999999\n'),
    code: 'out-of-range',
    field: 'inference.concurrency',
    message: /is out of range/,
    advice: /<= 9007199254740991/,
  },
  {
    name: 'a JSON option as a text and member by member',
    yaml: own(
      `inference:\n  preset: {name: phi-4}\n  config: {vllm: {compilation-config: '{"mode":0}', ¦compilation_config.cudagraph_mode: NONE}}\n`,
    ),
    code: 'contradiction',
    field: 'inference.config.vllm["compilation_config.cudagraph_mode"]',
    message: /stands beside compilation-config/,
    advice: /in one way/,
  },
  {
    name: 'a count of nodes under another name',
    yaml: own('resource: {¦nodes: 2}\ninference:\n  preset: {name: phi-4}\n'),
    code: 'unknown-field',
    field: 'resource.nodes',
    message: /unknown field/,
    advice: /did you mean count\?/,
  },
  {
    name: 'a model without the word preset',
    yaml: own('inference:\n  preset: {name: phi-4}\n  ¦model: phi-4\n'),
    code: 'unknown-field',
    field: 'inference.model',
    message: /unknown field/,
    advice: /write preset: \{name: /,
  },
  {
    name: 'a machine type named twice',
    yaml: own('resource:\n  ¦instanceType:\n  - a\n  - a\ninference:\n  preset: {name: phi-4}\n'),
    code: 'duplicate-item',
    field: 'resource.instanceType',
    message: /same/,
  },
  {
    name: 'an unknown source of weights',
    yaml: own('inference:\n  preset: {name: phi-4}\n  weights: {from: ¦nfs}\n'),
    code: 'invalid-value',
    field: 'inference.weights.from',
    message: /"nfs"/,
    advice: /download, image, pvc, sharedPvc, node/,
  },
  {
    name: 'weights without a source',
    yaml: own('inference:\n  preset: {name: phi-4}\n  ¦weights: {volume: nvme}\n'),
    code: 'missing-field',
    field: 'inference.weights.from',
    message: /required/,
    advice: /download, image, pvc, sharedPvc, node/,
  },
  {
    name: 'a malformed quantity',
    yaml: own('inference:\n  preset: {name: phi-4}\npod:\n  resources:\n    memory: ¦64 GB\n'),
    code: 'invalid-value',
    field: 'pod.resources.memory',
    message: /"64 GB" is not well-formed/,
    advice: /64Gi/,
  },
  {
    name: 'a field without a value',
    yaml: kaito('', '¦resource:\n'),
    code: 'empty-field',
    field: 'resource',
    message: /has no value/,
    severity: 'warning',
  },
  // Names and labels
  {
    name: 'a name with capitals',
    yaml: kaito().replace('chat', '¦Chat'),
    code: 'invalid-name',
    field: 'metadata.name',
    message: /"Chat"/,
  },
  {
    name: 'a name that begins with a digit',
    yaml: kaito().replace('chat', '¦7b-chat'),
    code: 'invalid-name',
    field: 'metadata.name',
    message: /"7b-chat"/,
    advice: /first one a letter/,
  },
  {
    name: 'a name of 64 characters',
    yaml: kaito().replace('chat', `¦${'a'.repeat(64)}`),
    code: 'invalid-name',
    field: 'metadata.name',
    message: /64 characters/,
  },
  {
    name: 'a malformed namespace',
    yaml: kaito().replace('chat', 'chat\n  namespace: ¦a.b'),
    code: 'invalid-name',
    field: 'metadata.namespace',
    message: /"a\.b"/,
  },
  {
    name: 'a malformed label value',
    yaml: kaito().replace('chat', 'chat\n  labels:\n    team: ¦a b'),
    code: 'invalid-label',
    field: 'metadata.labels.team',
    message: /"a b"/,
  },
  {
    name: 'a malformed label key',
    yaml: kaito().replace('chat', 'chat\n  labels:\n    ¦a//b: x'),
    code: 'invalid-label',
    field: 'metadata.labels["a//b"]',
    message: /key/,
  },
  {
    name: "a label in Slipway's domain",
    yaml: kaito().replace('chat', 'chat\n  labels:\n    ¦slipway.dev/workspace: x'),
    code: 'reserved-label',
    field: 'metadata.labels["slipway.dev/workspace"]',
    message: /set by Slipway/,
  },
  {
    name: 'a role label',
    yaml: kaito().replace('chat', 'chat\n  labels:\n    ¦kaito.sh/inference-role: decode'),
    code: 'ignored-label',
    field: 'metadata.labels["kaito.sh/inference-role"]',
    message: /MultiRoleInference/,
    severity: 'warning',
  },
  {
    name: 'a label of an InferenceSet',
    yaml: kaito().replace('chat', 'chat\n  labels:\n    ¦inferenceset.kaito.sh/created-by: x'),
    code: 'ignored-label',
    field: 'metadata.labels["inferenceset.kaito.sh/created-by"]',
    message: /InferenceSet/,
    severity: 'warning',
  },
  {
    name: 'an upgrade label',
    yaml: kaito().replace('chat', 'chat\n  labels:\n    ¦kaito.sh/upgrade-to-version: v1'),
    code: 'ignored-label',
    field: 'metadata.labels["kaito.sh/upgrade-to-version"]',
    message: /image/,
    severity: 'warning',
  },
  // Resource
  {
    name: 'a list of node names',
    yaml: kaito('', 'resource:\n  ¦preferredNodes: [a]\n'),
    code: 'unsupported-field',
    field: 'resource.preferredNodes',
    message: /node names/,
  },
  {
    name: 'only reserved labels to select by',
    yaml: kaito('', 'resource:\n  labelSelector:\n    ¦matchLabels:\n      kaito.sh/workspace: x\n'),
    code: 'no-selectable-label',
    field: 'resource.labelSelector.matchLabels',
    message: /only labels/,
  },
  {
    name: 'an expression with two values',
    yaml: kaito(
      '',
      'resource:\n  labelSelector:\n    matchExpressions:\n    - ¦key: a\n      operator: In\n      values: [x, y]\n',
    ),
    code: 'unsupported-expression',
    field: 'resource.labelSelector.matchExpressions[0]',
    message: /In with 2 values/,
  },
  {
    name: 'an expression that cannot be honoured',
    yaml: kaito(
      '',
      'resource:\n  labelSelector:\n    matchExpressions:\n    - ¦key: a\n      operator: Exists\n',
    ),
    code: 'unsupported-expression',
    field: 'resource.labelSelector.matchExpressions[0]',
    message: /Exists/,
  },
  {
    name: 'an expression against a label',
    yaml: kaito(
      '',
      'resource:\n  labelSelector:\n    matchLabels: {a: x}\n    matchExpressions:\n    - ¦key: a\n      operator: In\n      values: [y]\n',
    ),
    code: 'contradiction',
    field: 'resource.labelSelector.matchExpressions[0]',
    message: /a=y/,
  },
  {
    name: 'a MIG partition without profile',
    yaml: kaito('', 'resource:\n  ¦partition:\n    mode: mig\n'),
    code: 'missing-field',
    field: 'resource.partition.profile',
    message: /profile/,
  },
  {
    name: 'an unknown MIG profile',
    yaml: kaito('', 'resource:\n  partition:\n    mode: mig\n    profile: ¦3g.41gb\n'),
    code: 'unknown-mig-profile',
    field: 'resource.partition.profile',
    message: /3g\.41gb/,
    advice: /3g\.40gb/,
  },
  {
    name: 'a MIG partition with a count',
    yaml: kaito('', 'resource:\n  partition:\n    mode: mig\n    profile: 3g.40gb\n    ¦count: 2\n'),
    code: 'contradiction',
    field: 'resource.partition.count',
    message: /one slice/,
  },
  {
    name: 'some GPUs without a count',
    yaml: kaito('', 'resource:\n  ¦partition:\n    mode: accelerator\n'),
    code: 'missing-field',
    field: 'resource.partition.count',
    message: /number of GPUs/,
  },
  {
    name: 'some GPUs with a profile',
    yaml: kaito('', 'resource:\n  partition:\n    mode: accelerator\n    count: 1\n    ¦profile: 3g.40gb\n'),
    code: 'contradiction',
    field: 'resource.partition.profile',
    message: /no profile/,
  },
  // Annotations
  {
    name: 'an unknown annotation of KAITO',
    yaml: kaito().replace('chat', 'chat\n  annotations:\n    ¦kaito.sh/runtimee: vllm'),
    code: 'unknown-annotation',
    field: 'metadata.annotations["kaito.sh/runtimee"]',
    message: /no such annotation/,
    advice: /kaito\.sh\/runtime\?/,
    severity: 'warning',
  },
  {
    name: 'an unknown runtime',
    yaml: kaito().replace('chat', 'chat\n  annotations:\n    kaito.sh/runtime: ¦VLLM'),
    code: 'unknown-runtime',
    field: 'metadata.annotations["kaito.sh/runtime"]',
    message: /"VLLM"/,
    severity: 'warning',
  },
  {
    name: 'a load balancer in lower case',
    yaml: kaito().replace('chat', 'chat\n  annotations:\n    kaito.sh/enablelb: ¦"true"'),
    code: 'ignored-annotation',
    field: 'metadata.annotations["kaito.sh/enablelb"]',
    message: /only "True"/,
    severity: 'warning',
  },
  {
    name: 'an unknown image family',
    yaml: kaito().replace('chat', 'chat\n  annotations:\n    kaito.sh/node-image-family: ¦debian'),
    code: 'invalid-value',
    field: 'metadata.annotations["kaito.sh/node-image-family"]',
    message: /"debian"/,
    advice: /ubuntu, azurelinux/,
  },
  {
    name: 'an unknown performance mode',
    yaml: kaito().replace('chat', 'chat\n  annotations:\n    kaito.sh/performance-mode: ¦fast'),
    code: 'invalid-value',
    field: 'metadata.annotations["kaito.sh/performance-mode"]',
    message: /"fast"/,
    advice: /throughput/,
  },
  {
    name: 'a malformed node class',
    yaml: kaito().replace('chat', 'chat\n  annotations:\n    kaito.sh/node-class-name: ¦My Class'),
    code: 'invalid-name',
    field: 'metadata.annotations["kaito.sh/node-class-name"]',
    message: /"My Class"/,
  },
  {
    name: 'neither true nor false',
    yaml: kaito().replace('chat', 'chat\n  annotations:\n    kaito.sh/use-local-weights: ¦maybe'),
    code: 'invalid-value',
    field: 'metadata.annotations["kaito.sh/use-local-weights"]',
    message: /"maybe"/,
  },
  {
    name: 'a benchmark',
    yaml: kaito().replace('chat', 'chat\n  annotations:\n    ¦kaito.sh/disable-benchmark: "false"'),
    code: 'ignored-annotation',
    field: 'metadata.annotations["kaito.sh/disable-benchmark"]',
    message: /no benchmark/,
    severity: 'warning',
  },
  {
    name: 'streaming',
    yaml: kaito().replace('chat', 'chat\n  annotations:\n    ¦kaito.sh/model-mirror-storage-class: x'),
    code: 'ignored-annotation',
    field: 'metadata.annotations["kaito.sh/model-mirror-storage-class"]',
    message: /not streamed/,
    severity: 'warning',
  },
  {
    name: 'a scaler',
    yaml: kaito().replace('chat', 'chat\n  annotations:\n    ¦scaledobject.kaito.sh/threshold: "10"'),
    code: 'ignored-annotation',
    field: 'metadata.annotations["scaledobject.kaito.sh/threshold"]',
    message: /only scaledobject\.kaito\.sh\/auto-provision/,
    severity: 'warning',
  },
  {
    name: 'an annotation against a field',
    yaml: own('inference:\n  preset: {name: phi-4}\n  runtime: ¦vllm\n').replace(
      'chat',
      'chat\n  annotations:\n    kaito.sh/runtime: transformers',
    ),
    code: 'contradiction',
    field: 'inference.runtime',
    message: /"vllm", and metadata\.annotations\["kaito\.sh\/runtime"\] says "transformers"/,
  },
  // Inference
  {
    name: 'neither inference nor tuning',
    yaml: `¦${own('')}`,
    code: 'missing-field',
    field: '',
    message: /neither inference nor tuning/,
  },
  {
    name: 'both inference and tuning',
    yaml: kaito(`¦${TUNING}`),
    code: 'contradiction',
    field: 'tuning',
    message: /beside inference/,
  },
  {
    name: 'neither preset nor template',
    yaml: own('¦inference:\n  replicas: 1\n'),
    code: 'missing-field',
    field: 'inference',
    message: /neither preset nor template/,
  },
  {
    name: 'both preset and template',
    yaml: own(
      '¦inference:\n  preset: {name: phi-4}\n  template: {spec: {containers: [{name: a, image: b}]}}\n',
    ),
    code: 'contradiction',
    field: 'inference',
    message: /both preset and template/,
  },
  {
    name: 'a field of presets beside a template',
    yaml: own(
      'inference:\n  template: {spec: {containers: [{name: a, image: b}]}}\n  ¦contextLength: 4096\n',
    ),
    code: 'contradiction',
    field: 'inference.contextLength',
    message: /no effect/,
  },
  {
    name: 'a template without containers',
    yaml: kaito().replace(
      /inference:[^]*/,
      'inference:\n  template:\n    ¦spec:\n      restartPolicy: Always\n',
    ),
    code: 'missing-field',
    field: 'inference.template.spec.containers',
    message: /required/,
  },
  {
    name: 'a template whose container has no image',
    yaml: kaito().replace(
      /inference:[^]*/,
      'inference:\n  template:\n    spec:\n      containers:\n      - ¦name: a\n',
    ),
    code: 'missing-field',
    field: 'inference.template.spec.containers[0].image',
    message: /required/,
  },
  ...(
    [
      ['a number for a variable', 'env: [{name: A, value: ¦5}]', 'env[0].value', 'wrong-type', /in quotes/],
      [
        'a port in quotes',
        'ports: [{containerPort: ¦"80"}]',
        'ports[0].containerPort',
        'wrong-type',
        undefined,
      ],
      [
        'a misspelt field',
        '¦imagePullPolicies: Always',
        'imagePullPolicies',
        'unknown-field',
        /imagePullPolicy/,
      ],
      [
        'a mount without a path',
        'volumeMounts: [¦{name: a}]',
        'volumeMounts[0].mountPath',
        'missing-field',
        undefined,
      ],
    ] as const
  ).map(([what, given, field, code, advice]) => ({
    name: `a template with ${what}`,
    yaml: kaito().replace(
      /inference:[^]*/,
      `inference:\n  template:\n    spec:\n      containers:\n      - name: a\n        image: b\n        ${given}\n`,
    ),
    code,
    field: `inference.template.spec.containers[0].${field}`,
    message: /./,
    ...(advice !== undefined && { advice }),
  })),
  {
    name: 'a template with a container that no DNS label names',
    yaml: kaito().replace(
      /inference:[^]*/,
      'inference:\n  template:\n    spec:\n      containers:\n      - name: ¦Main_1\n        image: b\n',
    ),
    code: 'invalid-name',
    field: 'inference.template.spec.containers[0].name',
    message: /"Main_1"/,
  },
  ...(
    [
      [
        'sidecar with a misspelt field',
        'sidecars: [{name: a, image: b, ¦comand: [x]}]',
        'sidecars[0].comand',
      ],
      ['volume of an unknown kind', 'volumes: [{name: a, ¦emptydir: {}}]', 'volumes[0].emptydir'],
      [
        'mount with a misspelt field',
        'volumeMounts: [{name: a, mountPath: /a, ¦readonly: true}]',
        'volumeMounts[0].readonly',
      ],
      ['affinity with a misspelt field', 'affinity: {¦nodeAffinities: {}}', 'affinity.nodeAffinities'],
      [
        'constraint with a misspelt field',
        'topologySpreadConstraints: [{maxSkew: 1, topologyKey: a, whenUnsatisfiable: DoNotSchedule, ¦labels: {}}]',
        'topologySpreadConstraints[0].labels',
      ],
    ] as const
  ).map(([what, given, field]) => ({
    name: `a ${what}`,
    yaml: own(
      `inference:\n  preset: {name: phi-4}\npod:\n  volumes: [{name: a, emptyDir: {}}]\n  ${given}\n`,
    ).replace(/volumes: \[\{name: a, emptyDir: \{\}\}\]\n {2}(?=volumes)/, ''),
    code: 'unknown-field',
    field: `pod.${field}`,
    message: /unknown field/,
  })),
  {
    name: 'a private preset',
    yaml: kaito('    accessMode: ¦private\n'),
    code: 'ignored-field',
    field: 'inference.preset.accessMode',
    message: /no effect/,
    severity: 'warning',
  },
  {
    name: 'an image with weights',
    yaml: kaito('    presetOptions:\n      ¦image: a/b:c\n'),
    code: 'unsupported-field',
    field: 'inference.preset.presetOptions.image',
    message: /weights inside/,
  },
  {
    name: 'a token for the name of a Secret',
    yaml: kaito('    presetOptions:\n      modelAccessSecret: ¦hf_abcdefghijklmnopqrstuvwxyzABCD\n'),
    code: 'secret-value',
    field: 'inference.preset.presetOptions.modelAccessSecret',
    message: /is a token/,
  },
  {
    name: 'a malformed Secret name',
    yaml: kaito('    presetOptions:\n      modelAccessSecret: ¦HF_Token\n'),
    code: 'invalid-name',
    field: 'inference.preset.presetOptions.modelAccessSecret',
    message: /"HF_Token"/,
  },
  {
    name: 'a Secret name with underscores',
    yaml: kaito('    presetOptions:\n      modelAccessSecret: ¦ACR_REGISTRY_SECRET\n'),
    code: 'invalid-name',
    field: 'inference.preset.presetOptions.modelAccessSecret',
    message: /"ACR_REGISTRY_SECRET"/,
    advice: /did you mean acr-registry-secret/,
  },
  {
    name: 'a placeholder for a Secret',
    yaml: kaito('    presetOptions:\n      modelAccessSecret: ¦ACR_REGISTRY_SECRET_HERE\n'),
    code: 'placeholder',
    field: 'inference.preset.presetOptions.modelAccessSecret',
    message: /placeholder/,
    advice: /your own object/,
  },
  // Adapters
  {
    name: 'eleven adapters',
    yaml: kaito(
      `  ¦adapters:\n${Array.from({ length: 11 }, (_, i) => `  - source: {name: a${i}, image: a/b:c}\n`).join('')}`,
    ),
    code: 'too-many-items',
    field: 'inference.adapters',
    message: /11 entries/,
    advice: /at most 10/,
  },
  {
    name: 'two adapters of one name',
    yaml: kaito('  adapters:\n  - source: {name: a, image: a/b:c}\n  - source: {name: ¦a, image: a/b:d}\n'),
    code: 'duplicate-name',
    field: 'inference.adapters[1].source.name',
    message: /inference\.adapters\[0\]\.source\.name/,
  },
  {
    name: 'an adapter without source',
    yaml: kaito('  adapters:\n  - ¦strength: "0.5"\n'),
    code: 'missing-field',
    field: 'inference.adapters[0].source',
    message: /required/,
  },
  {
    name: 'an adapter without name',
    yaml: kaito('  adapters:\n  - ¦source: {image: a/b:c}\n'),
    code: 'missing-field',
    field: 'inference.adapters[0].source.name',
    message: /required/,
  },
  {
    name: 'an adapter with a malformed name',
    yaml: kaito('  adapters:\n  - source: {name: ¦A_1, image: a/b:c}\n'),
    code: 'invalid-name',
    field: 'inference.adapters[0].source.name',
    message: /"A_1"/,
  },
  {
    name: 'an adapter from nowhere',
    yaml: kaito('  adapters:\n  - source: ¦{name: a}\n'),
    code: 'missing-field',
    field: 'inference.adapters[0].source',
    message: /none of image, volumeSource/,
  },
  {
    name: 'an adapter from two places',
    yaml: kaito('  adapters:\n  - source: ¦{name: a, image: a/b:c, volumeSource: {emptyDir: {}}}\n'),
    code: 'contradiction',
    field: 'inference.adapters[0].source',
    message: /image and volumeSource/,
  },
  {
    name: 'an adapter from an address',
    yaml: kaito('  adapters:\n  - source: {name: a, ¦urls: [https://a.example.com/b]}\n'),
    code: 'unsupported-source',
    field: 'inference.adapters[0].source.urls',
    message: /not downloaded/,
  },
  {
    name: 'an adapter from a placeholder',
    yaml: kaito(
      '  adapters:\n  - source: {name: a, image: ¦"ACR_REPO_HERE.azurecr.io/ADAPTER_HERE:0.0.1"}\n',
    ),
    code: 'placeholder',
    field: 'inference.adapters[0].source.image',
    message: /placeholder/,
    advice: /your own image/,
  },
  {
    name: 'an image with capitals',
    yaml: kaito('  adapters:\n  - source: {name: a, image: ¦myrepo.azurecr.io/Adapter:1}\n'),
    code: 'invalid-image',
    field: 'inference.adapters[0].source.image',
    message: /upper case/,
  },
  {
    name: 'a strength above 1',
    yaml: kaito('  adapters:\n  - source: {name: a, image: a/b:c}\n    strength: ¦"1.5"\n'),
    code: 'invalid-strength',
    field: 'inference.adapters[0].strength',
    message: /"1\.5" is out of range/,
    advice: /0 to 1/,
  },
  {
    name: 'a strength that is no number',
    yaml: kaito('  adapters:\n  - source: {name: a, image: a/b:c}\n    strength: ¦high\n'),
    code: 'invalid-strength',
    field: 'inference.adapters[0].strength',
    message: /not a number/,
  },
  {
    name: "a bare number for KAITO's strength",
    yaml: kaito('  adapters:\n  - source: {name: a, image: a/b:c}\n    strength: ¦0.5\n'),
    code: 'wrong-type',
    field: 'inference.adapters[0].strength',
    message: /expected a string, got the number 0\.5/,
    advice: /quotes/,
  },
  {
    name: 'a misspelt volume',
    yaml: kaito(
      '  adapters:\n  - source: {name: a, volumeSource: {¦persistentVolumeClaims: {claimName: x}}}\n',
    ),
    code: 'unknown-field',
    field: 'inference.adapters[0].source.volumeSource.persistentVolumeClaims',
    message: /kind of volume/,
    advice: /persistentVolumeClaim\?/,
  },
  {
    name: 'a claim without name',
    yaml: kaito(
      '  adapters:\n  - source: {name: a, volumeSource: {¦persistentVolumeClaim: {readOnly: true}}}\n',
    ),
    code: 'missing-field',
    field: 'inference.adapters[0].source.volumeSource.persistentVolumeClaim.claimName',
    message: /required/,
  },
  // Config
  {
    name: 'a ConfigMap that is not there',
    yaml: kaito('  config: ¦my-config\n'),
    code: 'config-not-found',
    field: 'inference.config',
    message: /default\/my-config/,
  },
  {
    name: 'a context length against the config',
    yaml: own(
      'inference:\n  preset: {name: phi-4}\n  contextLength: ¦4096\n  config: {vllm: {max-model-len: 8192}}\n',
    ),
    code: 'contradiction',
    field: 'inference.contextLength',
    message: /4096.*8192/,
  },
  {
    name: 'a context length with a unit',
    yaml: own('inference:\n  preset: {name: phi-4}\n  config: {vllm: {max-model-len: ¦32k}}\n'),
    code: 'invalid-value',
    field: 'inference.config.vllm.max-model-len',
    message: /"32k"/,
    advice: /auto/,
  },
  {
    name: 'a GPU share above 1',
    yaml: own('inference:\n  preset: {name: phi-4}\n  config: {vllm: {gpu-memory-utilization: ¦"84"}}\n'),
    code: 'out-of-range',
    field: 'inference.config.vllm.gpu-memory-utilization',
    message: /"84"/,
  },
  {
    name: 'a key in the config',
    yaml: own('inference:\n  preset: {name: phi-4}\n  config: {vllm: {¦api_key: abc}}\n'),
    code: 'secret-value',
    field: 'inference.config.vllm.api_key',
    message: /secret/,
    advice: /secretKeyRef/,
  },
  // Tuning
  {
    name: 'tuning without preset',
    yaml: own(TUNING.replace('  preset:\n    name: phi-4\n', '').replace('tuning', '¦tuning')),
    code: 'missing-field',
    field: 'tuning.preset',
    message: /required/,
  },
  {
    name: 'a method in capitals',
    yaml: own(TUNING.replace('qlora', '¦QLoRA')),
    code: 'invalid-value',
    field: 'tuning.method',
    message: /"QLoRA"/,
    advice: /qlora/,
  },
  {
    name: 'tuning on two nodes',
    yaml: own(`resource: {count: ¦2}\n${TUNING}`),
    code: 'out-of-range',
    field: 'resource.count',
    message: /2 nodes/,
  },
  {
    name: 'tuning on a part of a node',
    yaml: own(`resource:\n  ¦partition: {mode: accelerator, count: 1}\n${TUNING}`),
    code: 'contradiction',
    field: 'resource.partition',
    message: /whole nodes/,
  },
  {
    name: 'input from a private address',
    yaml: own(TUNING.replace('[https://data.example.com/a.parquet]', '[¦"http://169.254.169.254/x"]')),
    code: 'invalid-url',
    field: 'tuning.input.urls[0]',
    message: /private address/,
  },
  {
    name: 'input by ftp',
    yaml: own(TUNING.replace('[https://data.example.com/a.parquet]', '[¦"ftp://data.example.com/x"]')),
    code: 'invalid-url',
    field: 'tuning.input.urls[0]',
    message: /scheme ftp/,
  },
  {
    name: 'input from nowhere',
    yaml: own(
      TUNING.replace('  input:\n    urls: [https://data.example.com/a.parquet]', '  input: ¦{name: a}'),
    ),
    code: 'missing-field',
    field: 'tuning.input',
    message: /none of urls, image, volumeSource/,
  },
  {
    name: 'output to nowhere',
    yaml: own(TUNING.replace(/ {2}output:[^]*/, '  output: ¦{}\n')),
    code: 'missing-field',
    field: 'tuning.output',
    message: /neither image nor volumeSource/,
  },
  {
    name: 'output to two places',
    yaml: own(TUNING.replace('output:\n', '¦output:\n    volumeSource: {emptyDir: {}}\n')),
    code: 'contradiction',
    field: 'tuning.output',
    message: /image and volumeSource/,
  },
  {
    name: 'an image that nobody may push',
    yaml: own(TUNING.replace('    imagePushSecret: push\n', '').replace('output', '¦output')),
    code: 'missing-field',
    field: 'tuning.output.imagePushSecret',
    message: /push/,
  },
  {
    name: 'a section that tuning does not have',
    yaml: own(`${TUNING}  config:\n    training_config:\n      ¦LoraConfigs: {r: 8}\n`),
    code: 'unknown-field',
    field: 'tuning.config.training_config.LoraConfigs',
    message: /unknown field/,
    advice: /LoraConfig\?/,
  },
  {
    name: 'qlora on 16-bit weights',
    yaml: own(`${TUNING}  config: {training_config: {QuantizationConfig: {load_in_4bit: ¦false}}}\n`),
    code: 'contradiction',
    field: 'tuning.config.training_config.QuantizationConfig.load_in_4bit',
    message: /qlora/,
  },
  {
    name: 'lora on 4-bit weights',
    yaml: own(
      `${TUNING.replace('qlora', 'lora')}  config: {training_config: {QuantizationConfig: {load_in_4bit: ¦true}}}\n`,
    ),
    code: 'contradiction',
    field: 'tuning.config.training_config.QuantizationConfig.load_in_4bit',
    message: /lora/,
  },
  {
    name: 'a rank beside the Workspace that makes the adapter',
    yaml: own(
      'inference:\n  preset: {name: phi-4}\n  adapters: [{source: {name: a, tuning: b}, ¦rank: 8}]\n',
    ),
    code: 'contradiction',
    field: 'inference.adapters[0].rank',
    message: /follows from the Workspace/,
  },
  {
    name: 'a rank that vLLM does not take',
    yaml: own(
      'inference:\n  preset: {name: phi-4}\n  adapters: [{source: {name: a, image: x/y}, rank: ¦1024}]\n',
    ),
    code: 'out-of-range',
    field: 'inference.adapters[0].rank',
    message: /1024 is out of range/,
  },
  // Weights
  {
    name: 'a field of another source of weights',
    yaml: own('inference:\n  preset: {name: phi-4}\n  weights: {from: download, ¦claimName: a}\n'),
    code: 'unknown-field',
    field: 'inference.weights.claimName',
    message: /unknown field/,
  },
  {
    name: 'weights in a KAITO document',
    yaml: kaito('  ¦weights: {from: image}\n'),
    code: 'unknown-field',
    field: 'inference.weights',
    message: /unknown field/,
    advice: /slipway\.dev\/v1alpha1/,
  },
  {
    name: 'a shared volume without its class',
    yaml: own('inference:\n  preset: {name: phi-4}\n  ¦weights: {from: sharedPvc}\n'),
    code: 'missing-field',
    field: 'inference.weights.storageClassName',
    message: /is required/,
  },
  {
    name: 'a class that cannot be one',
    yaml: own(
      'inference:\n  preset: {name: phi-4}\n  weights: {from: sharedPvc, storageClassName: ¦My_Class}\n',
    ),
    code: 'invalid-name',
    field: 'inference.weights.storageClassName',
    message: /"My_Class"/,
    advice: /did you mean my-class\?/,
  },
  {
    name: 'a size in words',
    yaml: own(
      'inference:\n  preset: {name: phi-4}\n  weights: {from: sharedPvc, storageClassName: a, sizeGiB: ¦100Gi}\n',
    ),
    code: 'wrong-type',
    field: 'inference.weights.sizeGiB',
    message: /expected an integer, got the string "100Gi"/,
  },
  {
    name: 'weights at a malformed reference',
    yaml: own(
      'inference:\n  preset: {name: phi-4}\n  weights: {from: image, reference: ¦"registry.example.com/Phi:1"}\n',
    ),
    code: 'invalid-image',
    field: 'inference.weights.reference',
    message: /upper case/,
  },
  {
    name: 'weights at a placeholder',
    yaml: own(
      'inference:\n  preset: {name: phi-4}\n  weights: {from: image, reference: ¦"ACR_REPO_HERE.azurecr.io/phi:1"}\n',
    ),
    code: 'placeholder',
    field: 'inference.weights.reference',
    message: /placeholder/,
  },
  {
    name: 'a container image of weights that is not named',
    yaml: own('inference:\n  preset: {name: phi-4}\n  ¦weights: {from: image, format: image}\n'),
    code: 'missing-field',
    field: 'inference.weights.reference',
    message: /is required for an image/,
  },
  {
    name: 'an artifact as a volume',
    yaml: own('inference:\n  preset: {name: phi-4}\n  weights: {from: image, mount: ¦volume}\n'),
    code: 'contradiction',
    field: 'inference.weights.mount',
    message: /an artifact cannot be mounted/,
    advice: /format: image/,
  },
  {
    name: 'a volume for weights that are mounted',
    yaml: own(
      'inference:\n  preset: {name: phi-4}\n  weights: {from: image, format: image, reference: a/b, mount: volume, ¦volume: nvme}\n',
    ),
    code: 'contradiction',
    field: 'inference.weights.volume',
    message: /no effect/,
  },
  {
    name: 'a folder outside the claim',
    yaml: own('inference:\n  preset: {name: phi-4}\n  weights: {from: pvc, claimName: a, path: ¦../b}\n'),
    code: 'path-outside-volume',
    field: 'inference.weights.path',
    message: /leads out of the volume/,
  },
  {
    name: 'a folder outside the image',
    yaml: own(`${TUNING}  weights: {from: image, path: ¦a/../../b}\n`),
    code: 'path-outside-volume',
    field: 'tuning.weights.path',
    message: /leads out of the image/,
  },
  {
    name: 'a relative folder of the node',
    yaml: own('inference:\n  preset: {name: phi-4}\n  weights: {from: node, path: ¦models/phi}\n'),
    code: 'invalid-path',
    field: 'inference.weights.path',
    message: /not a folder of the node/,
    advice: /absolute/,
  },
  {
    name: 'the whole node as weights',
    yaml: own('inference:\n  preset: {name: phi-4}\n  weights: {from: node, path: ¦/}\n'),
    code: 'invalid-path',
    field: 'inference.weights.path',
    message: /not a folder of the node/,
  },
  {
    name: 'an annotation against the weights of the document',
    yaml: own('inference:\n  preset: {name: phi-4}\n  weights: ¦{from: download}\n').replace(
      'chat',
      'chat\n  annotations: {kaito.sh/use-local-weights: "true"}',
    ),
    code: 'contradiction',
    field: 'inference.weights',
    message: /use-local-weights/,
  },
  {
    name: 'results outside the mount',
    yaml: own(`${TUNING}  config: {training_config: {TrainingArguments: {output_dir: ¦/mnt/../etc}}}\n`),
    code: 'invalid-path',
    field: 'tuning.config.training_config.TrainingArguments.output_dir',
    message: /\/mnt/,
  },
  // Pod
  {
    name: 'a token in the environment',
    yaml: own(
      'inference:\n  preset: {name: phi-4}\npod:\n  env:\n  - name: TOKEN\n    value: ¦hf_abcdefghijklmnopqrstuvwxyzABCD\n',
    ),
    code: 'secret-value',
    field: 'pod.env[0].value',
    message: /secret/,
    advice: /secretKeyRef/,
  },
  {
    name: 'a variable set twice',
    yaml: own(
      'inference:\n  preset: {name: phi-4}\npod:\n  env:\n  - {name: A, value: x}\n  - {name: ¦A, value: y}\n',
    ),
    code: 'duplicate-name',
    field: 'pod.env[1].name',
    message: /pod\.env\[0\]\.name/,
  },
  {
    name: 'a variable with value and reference',
    yaml: own(
      'inference:\n  preset: {name: phi-4}\npod:\n  env:\n  - ¦name: A\n    value: x\n    valueFrom: {}\n',
    ),
    code: 'contradiction',
    field: 'pod.env[0]',
    message: /both value and valueFrom/,
  },
  {
    name: 'a mount without volume',
    yaml: own(
      'inference:\n  preset: {name: phi-4}\npod:\n  volumeMounts:\n  - {name: ¦data, mountPath: /data}\n',
    ),
    code: 'unknown-volume',
    field: 'pod.volumeMounts[0].name',
    message: /no volume/,
  },
  // Operations
  {
    name: 'autoscaling beside fixed replicas',
    yaml: own('inference:\n  preset: {name: phi-4}\n  replicas: ¦2\nautoscaling: {maxReplicas: 4}\n'),
    code: 'contradiction',
    field: 'inference.replicas',
    message: /autoscaling/,
  },
  {
    name: 'autoscaling without bound',
    yaml: own('inference:\n  preset: {name: phi-4}\n¦autoscaling: {minReplicas: 1}\n'),
    code: 'missing-field',
    field: 'autoscaling.maxReplicas',
    message: /required/,
  },
  {
    name: 'a route beside tuning',
    yaml: own(`${TUNING}¦route: {gateway: {name: a}}\n`),
    code: 'contradiction',
    field: 'route',
    message: /tuning/,
  },
  {
    name: 'a malformed host name',
    yaml: own(
      'inference:\n  preset: {name: phi-4}\nroute: {gateway: {name: a}, hostnames: [¦"https://x"]}\n',
    ),
    code: 'invalid-name',
    field: 'route.hostnames[0]',
    message: /https/,
  },
  {
    name: 'a malformed disruption budget',
    yaml: own('inference:\n  preset: {name: phi-4}\ndisruptionBudget: {maxUnavailable: ¦half}\n'),
    code: 'invalid-value',
    field: 'disruptionBudget.maxUnavailable',
    message: /"half"/,
  },
  // Documents
  {
    name: 'a Secret',
    yaml: 'apiVersion: v1\nkind: ¦Secret\nmetadata: {name: a}\ndata: {token: c2VjcmV0}\n',
    code: 'secret-value',
    field: 'kind',
    message: /must not be in Git/,
  },
  {
    name: 'an object of another kind',
    yaml: 'apiVersion: apps/v1\nkind: ¦Deployment\nmetadata: {name: a}\n',
    code: 'passed-over',
    field: 'kind',
    message: /apps\/v1 Deployment/,
    severity: 'warning',
  },
  {
    name: 'a kind of KAITO that is not read',
    yaml: 'apiVersion: kaito.sh/v1beta1\nkind: ¦RAGEngine\nmetadata: {name: a}\n',
    code: 'unsupported-kind',
    field: 'kind',
    message: /RAGEngine/,
  },
  {
    name: 'a version that does not exist',
    yaml: 'apiVersion: kaito.sh/v1\nkind: ¦Workspace\nmetadata: {name: a}\n',
    code: 'unknown-kind',
    field: 'kind',
    message: /no kaito\.sh\/v1 Workspace/,
    advice: /kaito\.sh\/v1beta1 Workspace/,
  },
  { name: 'a text', yaml: '¦hello\n', code: 'not-an-object', field: '', message: /not a Kubernetes object/ },
  {
    name: 'a map without kind',
    yaml: '¦apiVersion: v1\nmetadata: {name: a}\n',
    code: 'not-an-object',
    field: '',
    message: /kind is missing/,
  },
];

describe('bad input', () => {
  it.each(CASES)(
    'tells $name, with its place',
    ({ yaml, code, field, message, advice, severity = 'error' }) => {
      const { text, line, column } = marked(yaml);
      const { problems, workspaces } = readText(text);
      const problem = problems.find((found) => found.code === code);
      expect(problem).toMatchObject({ code, field, severity, position: { file: 'w.yaml', line, column } });
      expect(problem?.message).toMatch(message);
      if (advice !== undefined) expect(`${problem?.allowed ?? ''} ${problem?.next ?? ''}`).toMatch(advice);
      expect(problems.filter((other) => other.severity === severity)).toHaveLength(1);
      if (severity === 'error') expect(workspaces).toEqual([]);
    },
  );

  it('tells all problems of a document in one run, in the order of its text', () => {
    const { problems } = readText(
      own(
        'resource:\n  count: two\n  preferredNodes: [a]\ninference:\n  preset: {name: phi-4}\n  contextLength: -1\npod:\n  env: [{value: x}]\n',
      ),
    );
    expect(problems.map(({ field }) => field)).toEqual([
      'resource.count',
      'resource.preferredNodes',
      'inference.contextLength',
      'pod.env[0].name',
    ]);
  });

  it('does not call a field missing that is there and cannot be read', () => {
    const { problems } = readText(own('inference: 3\n'));
    expect(problems.map(({ code }) => code)).toEqual(['wrong-type']);
  });
});
