import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import '../property-seed';
import type { ImageProps, VllmOptionValue } from '../../src/spec/workspace';
import { checkInference } from '../../src/workload';
import type { Decision } from '../../src/workload/decision';
import { userVllmOptions } from '../../src/workload/vllm-options';
import { decision, inference, workspace } from './fixtures';

const KNOWN = JSON.parse(readFileSync(join(__dirname, '../../schemas/vllm-options.json'), 'utf8')) as {
  readonly options: Readonly<Record<string, { readonly takes: string }>>;
};
const TEMPLATE = '/workspace/chat_templates/tool-chat-phi4-mini.jinja';

function serving(vllm: Record<string, VllmOptionValue>, image: ImageProps | null = null, pod = {}): Decision {
  return decision({ workspace: workspace({ pod, inference: inference({ config: { vllm }, image }) }) });
}

function problemsOf(given: Decision) {
  return checkInference(given).filter(({ field }) => field.startsWith('inference.config.vllm'));
}

test.each([
  ['max-modell-len', 4096, 'unknown-option', /did you mean max-model-len/],
  ['no-such-thing-at-all', 1, 'unknown-option', /vllm serve --help=all/],
  ['no-max-num-seqs', null, 'unknown-option', /did you mean/],
  ['compilation-confg.mode', 1, 'unknown-option', /did you mean compilation-config/],
  ['enforce-eager', 'yes', 'option-takes-no-value', /true or false without quotes/],
  ['enforce-eager', 1, 'option-takes-no-value', /true or false/],
  ['enforce-eager.level', 1, 'option-takes-no-value', /true or false/],
  ['max-num-seqs', null, 'option-without-value', /give it one/],
  ['max-num-seqs', true, 'option-without-value', /give it one/],
  ['kv-cache-dtype', 'fp9', 'invalid-value', /did you mean fp8\?/],
])('the option %s with %j is refused before a GPU waits for it: %s', (option, value, code, next) => {
  const [problem, ...others] = problemsOf(serving({ [option]: value }));
  expect(others).toEqual([]);
  expect(problem).toMatchObject({ severity: 'error', code, field: `inference.config.vllm.${option}` });
  expect(problem?.next).toMatch(next);
});

test.each([
  { 'enforce-eager': null },
  { 'enforce-eager': false },
  { 'no-enable-prefix-caching': null },
  { 'max-num-seqs': '64' },
  { 'kv-cache-dtype': 'fp8' },
  { 'compilation-config.pass_config.fuse_norm_quant': true },
  { 'speculative-config': '{"method":"ngram","num_speculative_tokens":5}' },
])('%j is taken', (vllm) => {
  expect(problemsOf(serving(vllm as Record<string, VllmOptionValue>))).toEqual([]);
});

test('an image that may have another vLLM is warned about', () => {
  for (const image of [
    { kind: 'kaito' },
    { kind: 'vllm', reference: 'registry.example.com/vllm:1' },
    { kind: 'slipway', reference: 'registry.example.com/runtime:1' },
  ] as const) {
    expect(problemsOf(serving({ 'max-modell-len': 1 }, image))).toMatchObject([
      { severity: 'warning', code: 'unknown-option' },
    ]);
  }
});

test('options of KAITO examples that only its image can take are left out, and said', () => {
  const given = serving({ 'swap-space': 4, 'chat-template': TEMPLATE, 'max-num-seqs': 8 });
  expect(problemsOf(given)).toMatchObject([
    { severity: 'warning', code: 'ignored-option', field: 'inference.config.vllm.swap-space' },
    { severity: 'warning', code: 'ignored-option', field: 'inference.config.vllm.chat-template' },
  ]);
  expect(userVllmOptions(given)).toEqual({ 'max-num-seqs': 8 });
});

test('a template that the user mounts is taken', () => {
  const pod = {
    volumes: [{ name: 'templates', configMap: { name: 'templates' } }],
    volumeMounts: [{ name: 'templates', mountPath: '/workspace/chat_templates' }],
  };
  const given = serving({ 'chat-template': TEMPLATE }, null, pod);
  expect(problemsOf(given)).toEqual([]);
  expect(userVllmOptions(given)).toEqual({ 'chat-template': TEMPLATE });
});

test('every option of vLLM is known, with underscores or hyphens in it', () => {
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(KNOWN.options)), (option) => {
      const codes = problemsOf(serving({ [option]: null })).map(({ code }) => code);
      expect(codes).not.toContain('unknown-option');
      // What something else decides has a message of its own.
      if (KNOWN.options[option]?.takes !== 'nothing') expect(codes.length).toBeGreaterThan(0);
    }),
  );
});

test('what Slipway’s server does not do with a config is said', () => {
  const config = { vllm: { 'max-num-seqs': 8, 'max-model-len': 4096 }, max_probe_steps: 6 };
  const problemsWith = (runtime: 'vllm' | 'transformers') =>
    checkInference(
      decision({
        workspace: workspace({
          inference: inference({ runtime, config: { ...config, kv_cache_cpu_memory_utilization: 0.2 } }),
        }),
      }),
    ).filter(({ code }) => code === 'config-without-effect');
  expect(problemsWith('vllm').map(({ field }) => field)).toEqual(['inference.config.max_probe_steps']);
  expect(problemsWith('transformers')).toMatchObject([
    { severity: 'warning', field: 'inference.config.max_probe_steps' },
    { severity: 'warning', field: 'inference.config.vllm.max-num-seqs' },
    { severity: 'warning', field: 'inference.config.kv_cache_cpu_memory_utilization' },
  ]);
});
