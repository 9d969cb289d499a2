import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv/dist/2020';
import { parse } from 'yaml';
import { loadCatalog } from '../../src/catalog/catalog';
import type { Model } from '../../src/catalog/model';
import type { InferenceSpec } from '../../src/spec/normal';
import { checkInference, synthesizeInference } from '../../src/workload';
import type { Decision } from '../../src/workload/decision';
import {
  cluster,
  decision,
  groupDecision,
  inference,
  model,
  objectsOf,
  only,
  placement,
  podOf,
  SCHEDULING,
  serverOf,
  workspace,
} from './fixtures';

const ajv = new Ajv({ strict: false });
const validate = ajv.compile(
  JSON.parse(readFileSync(join(__dirname, '../../runtime/schema/serve.schema.json'), 'utf8')) as object,
);

const MODELS: readonly Model[] = loadCatalog()
  .models()
  .filter((entry) => entry.status === 'current');

function serving(changes: Partial<InferenceSpec>, others: Partial<Decision> = {}): Decision {
  return decision({ workspace: workspace({ inference: inference(changes) }), ...others });
}

function render(given: Decision) {
  return objectsOf((chart) => {
    synthesizeInference(chart, given, SCHEDULING);
  });
}

interface ServeConfig {
  readonly runtime: Readonly<Record<string, unknown>>;
  readonly vllm?: Readonly<Record<string, unknown>>;
  readonly adapters?: Readonly<Record<string, unknown>>;
  readonly [key: string]: unknown;
}

function configOf(given: Decision): ServeConfig {
  const data = only(render(given), 'ConfigMap')['data'] as Readonly<Record<string, string>>;
  return parse(data['config.yaml'] ?? '') as ServeConfig;
}

function commandOf(given: Decision): string[] {
  return serverOf(render(given)).command ?? [];
}

const KAITO = { image: { kind: 'kaito' } } as const;
const VLLM = { image: { kind: 'vllm' } } as const;

describe('our runtime image', () => {
  test.each(MODELS.map((entry) => [entry.name, entry] as const))(
    'the config of %s is one that the server accepts',
    (_name, entry) => {
      for (const runtime of entry.runtimes) {
        const config = configOf(serving({ runtime }, { model: entry }));
        validate(config);
        expect(validate.errors ?? []).toEqual([]);
      }
    },
  );

  test('a group, adapters and a KAITO config are accepted as well', () => {
    const config = {
      vllm: { 'max-num-seqs': 64, 'enforce-eager': null, 'enable-prefix-caching': true },
      max_probe_steps: 6,
      kv_cache_cpu_memory_utilization: 0.5,
    };
    const adapters = [{ name: 'sql', source: { image: 'example.com/sql:1' }, strength: 0.5 }];
    const written = configOf(
      groupDecision({ workspace: workspace({ inference: inference({ config, adapters }) }) }),
    );
    validate(written);
    expect(validate.errors ?? []).toEqual([]);
    expect(written).toMatchObject({
      ray: { cluster_size: 2 },
      adapters: { mode: 'merged', items: [{ name: 'sql', strength: 0.5 }] },
      vllm: { 'max-num-seqs': 64, 'enforce-eager': true, 'distributed-executor-backend': 'ray' },
      max_probe_steps: 6,
    });
  });

  test('what the server would refuse is an error here, with its place', () => {
    const config = { vllm: { 'api-key': 'secret', middleware: 'x' }, kv_cache_cpu_memory_utilization: 2 };
    expect(checkInference(serving({ config }))).toMatchObject([
      { code: 'invalid-server-config', field: 'inference.config.kv_cache_cpu_memory_utilization' },
      { code: 'option-of-the-server', field: 'inference.config.vllm.api-key' },
      { code: 'option-of-the-server', field: 'inference.config.vllm.middleware' },
    ]);
  });

  test('an option that no image takes is told once', () => {
    expect(checkInference(serving({ config: { vllm: { port: 1 } } }))).toMatchObject([
      { code: 'option-decided-elsewhere', field: 'inference.config.vllm.port' },
    ]);
  });

  test('its config types and schemas are those that the runtime exports', () => {
    const check = spawnSync(process.execPath, ['scripts/runtime-contract.mjs', '--check'], {
      cwd: join(__dirname, '../..'),
      encoding: 'utf8',
    });
    expect(check.stdout).toBe('');
    expect(check.status).toBe(0);
  });

  test('it is told the model by its canonical id, pinned to a commit', () => {
    expect(configOf(decision()).runtime).toMatchObject({
      backend: 'vllm',
      model: 'microsoft/Phi-3-mini-4k-instruct',
      revision: model().revision,
      served_model_name: 'phi-3-mini-4k-instruct',
    });
  });

  test("the context is the user's, else what fits", () => {
    expect(configOf(decision({ placement: placement({ maxContext: 3000 }) })).runtime['max_context']).toBe(
      3000,
    );
    expect(configOf(serving({ contextLength: 1024 })).runtime['max_context']).toBe(1024);
  });

  test("the user's options win over those of the catalogue", () => {
    const config = { vllm: { 'gpu-memory-utilization': 0.7 } };
    expect(configOf(serving({ config })).vllm).toMatchObject({ 'gpu-memory-utilization': 0.7 });
  });

  test('members of config objects are maps, and switches may be off', () => {
    const config = {
      vllm: { 'compilation-config.pass_config.fuse_norm': true, 'enable-prefix-caching': false },
    };
    expect(configOf(serving({ config }, { model: model('deepseek-v3.2') })).vllm).toMatchObject({
      'kernel-config': { enable_flashinfer_autotune: false },
      'compilation-config': { pass_config: { fuse_norm: true } },
      'enable-prefix-caching': false,
    });
    expect(serverOf(render(serving({ ...VLLM, config }, { model: model('deepseek-v3.2') }))).args).toEqual(
      expect.arrayContaining([
        '--kernel-config.enable_flashinfer_autotune=False',
        '--compilation-config.pass_config.fuse_norm=True',
        '--no-enable-prefix-caching',
      ]),
    );
  });

  test('adapters without strength are model ids of their own; a mixture is refused', () => {
    const source = { image: 'example.com/a:1' };
    const separate = serving({ adapters: [{ name: 'a', source, strength: null }] });
    expect(configOf(separate).adapters).toMatchObject({ mode: 'per-request', items: [{ name: 'a' }] });
    const mixed = serving({
      adapters: [
        { name: 'a', source, strength: 1 },
        { name: 'b', source, strength: null },
      ],
    });
    expect(checkInference(mixed)).toMatchObject([
      { severity: 'error', code: 'mixed-adapter-strengths', field: 'inference.adapters[1].strength' },
    ]);
  });

  test('its registry is replaced by that of the cluster', () => {
    const given = decision({ cluster: cluster({ imageRegistry: 'registry.example.com/slipway/' }) });
    expect(serverOf(render(given)).image).toBe('registry.example.com/slipway/runtime:0.1.0');
  });
});

describe("KAITO's image", () => {
  test('flags are sorted, whatever order the options were found in', () => {
    const flags = commandOf(serving(KAITO, { model: model('deepseek-v4-pro') }))
      .filter((word) => word.startsWith('--'))
      .map((word) => word.replace(/=.*/, ''));
    expect(flags.length).toBeGreaterThan(10);
    expect(flags).toEqual([...flags].sort());
  });

  test('it gets the command line of KAITO for the model', () => {
    const command = commandOf(serving(KAITO, { model: model('llama-3.3-70b-instruct') }));
    expect(command.slice(0, 2)).toEqual(['python3', '/workspace/vllm/inference_api.py']);
    for (const flag of [
      '--model=meta-llama/Llama-3.3-70B-Instruct',
      '--download-dir=/workspace/weights',
      '--tool-call-parser=llama3_json',
      '--enable-auto-tool-choice',
      '--chat-template=/workspace/chat_templates/tool-chat-llama3.1-json.jinja',
      '--kv-events-config={"enable_kv_cache_events":true}',
      '--compilation-config.pass_config.fuse_allreduce_rms=False',
    ]) {
      expect(command).toContain(flag);
    }
  });

  test('the config file of the user is mounted and named', () => {
    const given = serving({ ...KAITO, config: { vllm: { 'max-num-seqs': 8 } } });
    expect(commandOf(given)).toContain('--kaito-config-file=/mnt/config/inference_config.yaml');
    expect(only(render(given), 'ConfigMap')['data']).toEqual({
      'inference_config.yaml': 'vllm:\n  max-num-seqs: 8\n',
    });
    expect(serverOf(render(given)).volumeMounts).toContainEqual({
      name: 'config',
      mountPath: '/mnt/config',
      readOnly: true,
    });
    expect(render(serving(KAITO)).map(({ kind }) => kind)).not.toContain('ConfigMap');
  });

  test('models that compile kernels at start get the CUDA toolkit without a folder of the node', () => {
    const pod = podOf(render(serving(KAITO, { model: model('deepseek-v3.2') })));
    expect(pod.initContainers?.map(({ name }) => name)).toEqual(['cuda-toolkit-provisioner']);
    expect(JSON.stringify(pod)).not.toContain('hostPath');
    expect(serverOf(render(serving(KAITO, { model: model('deepseek-v3.2') }))).env).toContainEqual({
      name: 'VLLM_USE_DEEP_GEMM',
      value: '1',
    });
  });

  test('transformers serves with the flags of the family, and strengths are variables', () => {
    const given = serving({
      ...KAITO,
      runtime: 'transformers',
      adapters: [{ name: 'sql', source: { image: 'example.com/a:1' }, strength: 0.5 }],
    });
    expect(commandOf(given).join(' ')).toBe(
      'accelerate launch --gpu_ids=all --machine_rank=0 --num_machines=1 --num_processes=1' +
        ' /workspace/tfs/inference_api.py --allow_remote_files --pipeline=text-generation' +
        ' --pretrained_model_name_or_path=microsoft/Phi-3-mini-4k-instruct' +
        ` --revision=${model().revision ?? ''} --served_model_name=phi-3-mini-4k-instruct` +
        ' --torch_dtype=auto --trust_remote_code',
    );
    expect(serverOf(render(given)).env).toContainEqual({ name: 'sql', value: '0.5' });
  });

  test('no shell stands before the server, since /bin/sh drops the strength of an adapter with a hyphen', () => {
    const adapters = [{ name: 'phi-3-adapter', source: { image: 'example.com/a:1' }, strength: 1 }];
    const given = serving({ ...KAITO, runtime: 'transformers', adapters });
    expect(commandOf(given)[0]).toBe('accelerate');
    expect(serverOf(render(given)).env).toContainEqual({ name: 'phi-3-adapter', value: '1' });
  });

  test('that it runs as root is said openly', () => {
    expect(checkInference(serving(KAITO))).toMatchObject([
      { severity: 'warning', code: 'pod-security-deviation', field: 'inference.image' },
    ]);
  });

  test('with vLLM it cannot honour a strength', () => {
    const adapters = [{ name: 'sql', source: { image: 'example.com/a:1' }, strength: 1 }];
    expect(checkInference(serving({ ...KAITO, adapters }))).toContainEqual(
      expect.objectContaining({
        severity: 'error',
        code: 'image-without-adapter-strength',
        field: 'inference.adapters[0].strength',
      }),
    );
  });
});

describe("vLLM's own image", () => {
  test('it gets an array of arguments: the model first, then sorted flags', () => {
    const server = serverOf(render(serving(VLLM)));
    expect(server.image).toBe('docker.io/vllm/vllm-openai:v0.32.0');
    expect(server.command).toEqual(['vllm', 'serve']);
    const [checkpoint, ...flags] = server.args ?? [];
    expect(checkpoint).toBe('microsoft/Phi-3-mini-4k-instruct');
    expect(flags).toEqual([...flags].sort());
    expect(flags).toEqual(expect.arrayContaining(['--port=5000', '--max-model-len=4096']));
  });

  test('adapters are named on the command line', () => {
    const adapters = [{ name: 'sql', source: { image: 'example.com/a:1' }, strength: null }];
    expect(serverOf(render(serving({ ...VLLM, adapters }))).args?.slice(-2)).toEqual([
      '--lora-modules',
      'sql=/mnt/adapter/sql',
    ]);
  });

  test('it runs as the account that it has for that, in a writable home', () => {
    const pod = podOf(render(serving(VLLM)));
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 2000 });
    expect(pod.containers[0]?.env).toContainEqual({ name: 'HOME', value: '/home/vllm' });
  });

  test('what it does not have is said: transformers, strengths, templates, KAITO settings', () => {
    const adapters = [{ name: 'sql', source: { image: 'example.com/a:1' }, strength: 1 }];
    const given = serving(
      { ...VLLM, runtime: 'transformers', adapters, config: { max_probe_steps: 6 } },
      { model: model('llama-3.3-70b-instruct') },
    );
    expect(checkInference(given).map(({ code }) => code)).toEqual(
      expect.arrayContaining([
        'image-without-runtime',
        'image-without-adapter-strength',
        'image-without-chat-template',
        'config-without-effect',
      ]),
    );
  });
});

test('a reference of the user wins over the tested one', () => {
  const reference = 'mirror.example.com/kaito-base@sha256:' + 'a'.repeat(64);
  expect(serverOf(render(serving({ image: { kind: 'kaito', reference } }))).image).toBe(reference);
});

test.each(['slipway', 'kaito', 'vllm'] as const)(
  'no object of the image %s holds what Flux replaces',
  (kind) => {
    for (const entry of MODELS) {
      expect(JSON.stringify(render(serving({ image: { kind } }, { model: entry })))).not.toContain('${');
    }
  },
);
