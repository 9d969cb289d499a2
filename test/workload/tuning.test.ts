import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv/dist/2020';
import type { Job } from 'kubernetes-types/batch/v1';
import type { PodSpec } from 'kubernetes-types/core/v1';
import { parse } from 'yaml';
import { loadCatalog } from '../../src/catalog/catalog';
import type { TuningSpec } from '../../src/spec/normal';
import { checkTunable, checkTuning, diskBytesOf, synthesizeTuning, totalNodes } from '../../src/workload';
import { LIBRARY_DEFAULTS, trainingRequest } from '../../src/workload/tuning/sizing';
import type { Decision } from '../../src/workload/decision';
import { restrictedViolations } from '../../src/workload/pod-security';
import { cluster, decision, objectsOf, only, SCHEDULING, workspace } from './fixtures';

const validate = new Ajv({ strict: false }).compile(
  JSON.parse(readFileSync(join(__dirname, '../../runtime/schema/tune.schema.json'), 'utf8')) as object,
);

function tuning(changes: Partial<TuningSpec> = {}): TuningSpec {
  return {
    preset: { name: 'phi-3-mini-4k-instruct', modelAccessSecret: null, imagePullSecrets: [] },
    method: 'qlora',
    config: null,
    weights: { from: 'download' },
    input: { urls: ['https://example.com/rows.jsonl'] },
    output: { image: 'example.com/adapters/mine:1', imagePushSecret: 'push' },
    ...changes,
  };
}

function given(changes: Partial<TuningSpec> = {}, others: Partial<Decision> = {}): Decision {
  return decision({ workspace: workspace({ inference: null, tuning: tuning(changes) }), ...others });
}

function render(of: Decision) {
  return objectsOf((chart) => {
    synthesizeTuning(chart, of, SCHEDULING);
  });
}

function jobOf(of: Decision): Job['spec'] {
  return (only(render(of), 'Job') as Job).spec;
}

function podOf(of: Decision): PodSpec {
  const pod = jobOf(of)?.template.spec;
  if (pod === undefined) throw new Error('no pod');
  return pod;
}

function configTextOf(of: Decision): string {
  const data = only(render(of), 'ConfigMap')['data'] as Readonly<Record<string, string>>;
  return data['training_config.yaml'] ?? '';
}

function configOf(of: Decision): Record<string, Record<string, unknown>> {
  const text = parse(configTextOf(of)) as {
    training_config: Record<string, Record<string, unknown>>;
  };
  validate(text);
  expect(validate.errors ?? []).toEqual([]);
  return text.training_config;
}

test('tuning is a Job with its config and a NetworkPolicy', () => {
  expect(
    render(given())
      .map(({ kind }) => kind)
      .sort(),
  ).toEqual(['ConfigMap', 'Job', 'NetworkPolicy']);
  expect(totalNodes(given())).toBe(1);
});

test('rows are fetched, then the model is trained, then the adapter is pushed: one after the other', () => {
  const pod = podOf(given());
  expect(pod.restartPolicy).toBe('Never');
  expect(pod.initContainers?.map(({ name, args }) => [name, ...(args ?? [])])).toEqual([
    ['fetch-data', 'fetch', 'urls', 'https://example.com/rows.jsonl', '--into=/mnt/data'],
    ['tune', 'tune', '--config=/mnt/config/training_config.yaml', '--processes=1'],
  ]);
  expect(pod.containers.map(({ name, args }) => [name, ...(args ?? [])])).toEqual([
    [
      'push',
      'push',
      'example.com/adapters/mine:1',
      '--from=/mnt/results',
      '--model-name=phi-3-mini-4k-instruct',
      '--wait-seconds=0',
      '--auth-file=/etc/slipway/registry',
    ],
  ]);
});

test('with volumes for input and output there is nothing but training, and checkpoints outlive the pod', () => {
  const of = given({
    input: { volumeSource: { persistentVolumeClaim: { claimName: 'rows' } } },
    output: { volumeSource: { persistentVolumeClaim: { claimName: 'adapters' } } },
  });
  const pod = podOf(of);
  expect(pod.initContainers).toBeUndefined();
  expect(pod.containers.map(({ name }) => name)).toEqual(['tune']);
  expect(pod.volumes).toEqual(
    expect.arrayContaining([
      { name: 'data', persistentVolumeClaim: { claimName: 'rows' } },
      { name: 'results', persistentVolumeClaim: { claimName: 'adapters' } },
    ]),
  );
  expect(configOf(of)['TrainingArguments']).toMatchObject({ save_strategy: 'epoch' });
  expect(configOf(given())['TrainingArguments']).toMatchObject({ save_strategy: 'no' });
});

test('words that YAML 1.1 reads as booleans are quoted for the programs that read YAML 1.1', () => {
  expect(configTextOf(given())).toContain('save_strategy: "no"\n');
});

test('each step leaves the reason of its failure in the status of the pod', () => {
  const { initContainers = [], containers } = podOf(given());
  for (const step of [...initContainers, ...containers])
    expect(step.terminationMessagePolicy).toBe('FallbackToLogsOnError');
});

test('an input image is fetched with the logins of its registry', () => {
  const pod = podOf(given({ input: { image: 'example.com/rows:1', imagePullSecrets: ['a', 'b'] } }));
  expect(pod.initContainers?.[0]?.args).toEqual([
    'fetch',
    'image',
    'example.com/rows:1',
    '--architecture=amd64',
    '--into=/mnt/data',
    '--auth-file=/etc/slipway/registry',
  ]);
});

test('a mistake in config or data is not tried again; an eviction does not count', () => {
  const spec = jobOf(given());
  expect(spec).toMatchObject({
    backoffLimit: 3,
    activeDeadlineSeconds: 604_800,
    podFailurePolicy: {
      rules: [
        { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
        ...['fetch-data', 'tune', 'push'].map((containerName) => ({
          action: 'FailJob',
          onExitCodes: { containerName, operator: 'In', values: [2, 3, 4] },
        })),
      ],
    },
  });
  expect(spec?.ttlSecondsAfterFinished).toBeUndefined();
});

test("exit codes mean what our image says in its own steps alone, not in the user's containers", () => {
  const pod = {
    initContainers: [{ name: 'wait', image: 'example.com/wait:1' }],
    sidecars: [{ name: 'logs', image: 'example.com/logs:1' }],
  };
  const others = { workspace: workspace({ inference: null, tuning: tuning(), pod }) };
  const rules = jobOf(given({}, others))?.podFailurePolicy?.rules ?? [];
  expect(rules.flatMap(({ onExitCodes }) => onExitCodes?.containerName ?? [])).toEqual([
    'fetch-data',
    'tune',
    'push',
  ]);
});

test('what the Job does is in its name: a change is another Job, and nothing else is', () => {
  const nameOf = (of: Decision) => only(render(of), 'Job').metadata.name;
  expect(nameOf(given())).toMatch(/^chat-[0-9a-f]{8}$/);
  expect(nameOf(given())).toBe(nameOf(given()));
  expect(nameOf(given({ config: { LoraConfig: { r: 16 } } }))).not.toBe(nameOf(given()));
  expect(nameOf(given({ output: { image: 'example.com/other:1', imagePushSecret: 'push' } }))).not.toBe(
    nameOf(given()),
  );
});

test('who sorts labels or annotations does not start another training', () => {
  const [first, second] = [
    { team: 'a', zone: 'b' },
    { zone: 'b', team: 'a' },
  ].map((labels) => {
    const sorted = workspace({ inference: null, tuning: tuning(), labels, annotations: labels });
    return only(render(given({}, { workspace: sorted })), 'Job').metadata.name;
  });
  expect(second).toBe(first);
});

test('Karpenter does not move it, and it has time to save a checkpoint', () => {
  const { template } = jobOf(given()) ?? {};
  expect(template?.metadata?.annotations).toEqual({ 'karpenter.sh/do-not-disrupt': 'true' });
  expect(template?.spec?.terminationGracePeriodSeconds).toBe(300);
});

test('it has the tolerations and node selection of serving pods, and GPUs', () => {
  const pod = podOf(given());
  expect(pod).toMatchObject({ nodeSelector: SCHEDULING.nodeSelector, tolerations: SCHEDULING.tolerations });
  const train = pod.initContainers?.find(({ name }) => name === 'tune');
  expect(train?.resources?.limits).toEqual({ 'nvidia.com/gpu': '1' });
});

test('the defaults are those of the method, with the model pinned', () => {
  const qlora = configOf(given());
  expect(qlora['ModelConfig']).toMatchObject({
    pretrained_model_name_or_path: 'microsoft/Phi-3-mini-4k-instruct',
    revision: decision().model.revision,
  });
  expect(qlora['QuantizationConfig']).toMatchObject({ load_in_4bit: true, bnb_4bit_quant_type: 'nf4' });
  expect(qlora['LoraConfig']).toMatchObject({ r: 8, target_modules: decision().model.tuning.targetModules });
  expect(configOf(given({ method: 'lora' }))['QuantizationConfig']).toEqual({});
});

test("the user's values win, key by key, and move the results", () => {
  const of = given({
    config: { LoraConfig: { r: 16 }, TrainingArguments: { output_dir: 'elsewhere', num_train_epochs: 2 } },
  });
  expect(configOf(of)).toMatchObject({
    LoraConfig: { r: 16, lora_alpha: 8 },
    TrainingArguments: { output_dir: 'elsewhere', num_train_epochs: 2, per_device_train_batch_size: 1 },
  });
  expect(podOf(of).containers[0]?.args).toContain('--from=/mnt/elsewhere');
});

test.each(
  loadCatalog()
    .models()
    .filter((entry) => entry.status === 'current' && entry.tuning.supported)
    .map((entry) => [entry.name, entry] as const),
)('the default config of %s is one that the tuning program accepts', (_name, entry) => {
  if (entry.status !== 'current') throw new Error('retired');
  for (const method of ['lora', 'qlora'] as const) configOf(given({ method }, { model: entry }));
});

test('its pods pass the restricted Pod Security Standard', () => {
  expect(restrictedViolations(podOf(given()))).toEqual([]);
  expect(checkTuning(given())).toEqual([]);
});

test('a sidecar needs a Kubernetes that knows how to end it', () => {
  const pod = { sidecars: [{ name: 'logs', image: 'example.com/logs:1' }] };
  const on = (kubernetesVersion: string) =>
    checkTuning(
      given(
        {},
        {
          cluster: cluster({ kubernetesVersion }),
          workspace: workspace({ inference: null, tuning: tuning(), pod }),
        },
      ),
    );
  expect(on('1.29')).toEqual([]);
  expect(on('1.28')).toMatchObject([{ severity: 'error', code: 'kubernetes-too-old', field: 'pod' }]);
});

test('a volume that the restricted standard forbids is named where it was asked for', () => {
  const share = { azureFile: { secretName: 's', shareName: 'x' } };
  const found = checkTuning(given({ input: { volumeSource: share }, output: { volumeSource: share } }));
  expect(found).toMatchObject([
    { code: 'pod-security-deviation', field: 'tuning.input.volumeSource' },
    { code: 'pod-security-deviation', field: 'tuning.output.volumeSource' },
  ]);
});

test('a model that cannot be tuned is refused', () => {
  const model = { ...decision().model, tuning: { supported: false } };
  expect(checkTunable(given().workspace, tuning(), model)).toMatchObject([
    { severity: 'error', code: 'model-not-tunable', field: 'tuning.preset.name' },
  ]);
});

test('what the tuning program would refuse is an error here, with its place', () => {
  const config = { LoraConfig: { rank: 8 }, TrainingArguments: { num_train_epochs: 'two' } };
  expect(checkTunable(given().workspace, tuning({ config }), decision().model)).toMatchObject([
    { code: 'unknown-training-option', field: 'tuning.config.training_config.LoraConfig.rank' },
    {
      code: 'invalid-training-config',
      field: 'tuning.config.training_config.TrainingArguments.num_train_epochs',
      message: '"two" must be number',
    },
  ]);
});

test("the config is held against the schema that the runtime image's program writes", () => {
  const of = (path: string) => readFileSync(join(__dirname, '../..', path), 'utf8');
  expect(of('schemas/training.schema.json')).toBe(of('runtime/schema/tune.schema.json'));
});

test("KAITO's request for local files is left out, since the Job downloads the weights", () => {
  const config = { ModelConfig: { local_files_only: true } };
  expect(configOf(given({ config }))['ModelConfig']).toMatchObject({ local_files_only: false });
  expect(checkTuning(given({ config }))).toMatchObject([
    { severity: 'warning', field: 'tuning.config.training_config.ModelConfig.local_files_only' },
  ]);
  const onDisk = { ModelConfig: { local_files_only: true, pretrained_model_name_or_path: '/mnt/model' } };
  expect(configOf(given({ config: onDisk }))['ModelConfig']).toMatchObject({ local_files_only: true });
  expect(checkTuning(given({ config: onDisk }))).toEqual([]);
});

test('a module that is trained whole and cannot be sized is named', () => {
  const config = { LoraConfig: { modules_to_save: ['lm_head', 'score'] } };
  expect(checkTuning(given({ config }))).toMatchObject([{ severity: 'warning', code: 'not-sized' }]);
});

describe('sizing is asked', () => {
  const requestOf = (changes: Partial<TuningSpec> = {}) =>
    trainingRequest(decision().model, tuning(changes), [], null);

  test('what the default config trains', () => {
    expect(requestOf()).toMatchObject({
      quantization: '4bit-double',
      lora: { rank: 8, targetModules: decision().model.tuning.targetModules, wholeTables: 0 },
      sequenceLength: 1024,
      batchSize: 1,
      gradientCheckpointing: true,
      optimizerStates: 2,
      wholeLogits: false,
      evaluationBatchSize: 0,
    });
    expect(requestOf({ method: 'lora' }).quantization).toBe('none');
  });

  test("what the user's config trains", () => {
    const config = {
      QuantizationConfig: { load_in_8bit: true },
      LoraConfig: {
        r: 8,
        rank_pattern: { o_proj: 32 },
        target_modules: 'all-linear',
        modules_to_save: ['embed_tokens', 'lm_head'],
      },
      TrainingArguments: {
        max_length: null,
        per_device_train_batch_size: 4,
        gradient_checkpointing: false,
        optim: 'ademamix',
        label_smoothing_factor: 0.1,
      },
      DatasetConfig: { train_test_split: 0.8 },
    };
    expect(requestOf({ config })).toMatchObject({
      quantization: '8bit',
      lora: { rank: 32, targetModules: null, wholeTables: 2 },
      sequenceLength: decision().model.maxContext,
      batchSize: 4,
      gradientCheckpointing: false,
      optimizerStates: 3,
      wholeLogits: true,
      evaluationBatchSize: 8,
    });
  });

  test("with the libraries' own defaults where the config is silent", () => {
    const schema = JSON.parse(
      readFileSync(join(__dirname, '../../runtime/schema/tune.schema.json'), 'utf8'),
    ) as { $defs: { TrainingArguments: { properties: Record<string, { default?: unknown }> } } };
    const { properties } = schema.$defs.TrainingArguments;
    expect(properties['max_length']?.default).toBe(LIBRARY_DEFAULTS.maxLength);
    expect(properties['gradient_checkpointing']?.default).toBe(LIBRARY_DEFAULTS.gradientCheckpointing);
    expect(properties['per_device_eval_batch_size']?.default).toBe(LIBRARY_DEFAULTS.evaluationBatchSize);
  });
});

test('data and results that are on no volume have room on the disk of the node', () => {
  const volume = { volumeSource: { persistentVolumeClaim: { claimName: 'x' } } };
  const small = { ...decision().model, tuning: { supported: true } };
  const alone = diskBytesOf(given({ input: volume, output: volume }, { model: small }));
  expect(diskBytesOf(given({}, { model: small }))).toBeGreaterThanOrEqual(alone + 40 * 1024 ** 3);
});

test("the image is the cluster's own reference to ours", () => {
  const reference = 'mirror.example.com/runtime@sha256:' + 'a'.repeat(64);
  const of = given(
    {},
    { cluster: cluster({ defaults: { ...cluster().defaults, image: { kind: 'slipway', reference } } }) },
  );
  const pod = podOf(of);
  for (const { image } of [...(pod.initContainers ?? []), ...pod.containers]) expect(image).toBe(reference);
});

test('a sidecar does not keep the Job from its end', () => {
  const sidecars = [{ name: 'logs', image: 'example.com/logs:1' }];
  const pod = podOf(
    given({}, { cluster: cluster({ defaults: { ...cluster().defaults, pod: { sidecars } } }) }),
  );
  expect(pod.containers.map(({ name }) => name)).toEqual(['push']);
  expect(pod.initContainers?.[0]).toMatchObject({ name: 'logs', restartPolicy: 'Always' });
});
