import { parse } from 'yaml';
import type { InferenceSpec } from '../../src/spec/normal';
import { checkInference, synthesizeInference } from '../../src/workload';
import type { Decision } from '../../src/workload/decision';
import { servedNames } from '../../src/workload/serving-pods';
import {
  type AnyObject,
  decision,
  groupDecision,
  inference,
  objectsOf,
  only,
  SCHEDULING,
  serverOf,
  workspace,
} from './fixtures';

function serving(changes: Partial<InferenceSpec>): Decision {
  return decision({ workspace: workspace({ inference: inference(changes) }) });
}

function render(given: Decision): AnyObject[] {
  return objectsOf((chart) => {
    synthesizeInference(chart, given, SCHEDULING);
  });
}

function fileOf(given: Decision, name: string): unknown {
  const data = only(render(given), 'ConfigMap')['data'] as Readonly<Record<string, string>>;
  return parse(data[name] ?? '');
}

function argumentsOf(given: Decision): string[] {
  const { command = [], args = [] } = serverOf(render(given));
  return [...command, ...args];
}

const VLLM = { image: { kind: 'vllm' } } as const;
const KAITO = { image: { kind: 'kaito' } } as const;
const LISTS = {
  vllm: { 'cudagraph-capture-sizes': [1, 2, 4], 'allowed-origins': ['https://a.example'], 'max-num-seqs': 8 },
};

describe('an option with several values', () => {
  it('is a list for our server, which knows how vLLM takes it', () => {
    expect(fileOf(serving({ config: LISTS }), 'config.yaml')).toMatchObject({ vllm: LISTS.vllm });
  });

  it('is several words for vLLM, or one of JSON where vLLM reads that', () => {
    const words = argumentsOf(serving({ ...VLLM, config: LISTS }));
    const at = words.indexOf('--cudagraph-capture-sizes');
    expect(words.slice(at, at + 4)).toEqual(['--cudagraph-capture-sizes', '1', '2', '4']);
    expect(words[at + 4]).toMatch(/^--/);
    expect(words).toContain('--allowed-origins=["https://a.example"]');
  });

  it('stands on the command line of KAITO’s image, whose reader of the config makes one word of it', () => {
    const given = serving({ ...KAITO, config: LISTS });
    expect(argumentsOf(given).join(' ')).toContain('--cudagraph-capture-sizes 1 2 4 ');
    expect(fileOf(given, 'inference_config.yaml')).toEqual({ vllm: { 'max-num-seqs': 8 } });
  });

  it('is a member of a JSON option, too', () => {
    const config = { vllm: { 'compilation-config.cudagraph_capture_sizes': [1, 2] } };
    expect(argumentsOf(serving({ ...VLLM, config }))).toContain(
      '--compilation-config.cudagraph_capture_sizes=[1,2]',
    );
    expect(fileOf(serving({ config }), 'config.yaml')).toMatchObject({
      vllm: { 'compilation-config': { cudagraph_capture_sizes: [1, 2] } },
    });
  });

  it.each([
    ['max-num-seqs', [1, 2], 'option-takes-one-value', /without brackets/],
    ['enforce-eager', [1], 'option-takes-no-value', /true or false/],
    ['logits-processors', ['a:B', '--port=1'], 'invalid-value', /begin with a hyphen/],
    ['collect-detailed-traces', ['model', 'modell'], 'invalid-value', /did you mean model/],
  ])('%s: %j is refused: %s', (option, value, code, next) => {
    const problems = checkInference(serving({ config: { vllm: { [option]: value } } }));
    expect(problems).toMatchObject([{ severity: 'error', code, field: `inference.config.vllm.${option}` }]);
    expect(problems[0]?.next).toMatch(next);
  });
});

describe('several model ids', () => {
  const NAMES = ['chat', 'chat-v2'] as const;

  it('are all given to each server, the one of answers first', () => {
    expect(fileOf(serving({ servedNames: NAMES }), 'config.yaml')).toMatchObject({
      runtime: { served_model_name: ['chat', 'chat-v2'] },
    });
    for (const image of [VLLM, KAITO]) {
      expect(argumentsOf(serving({ ...image, servedNames: NAMES })).join(' ')).toMatch(
        / --served-model-name chat chat-v2( --|$)/,
      );
    }
  });

  it('are words of the command of a group', () => {
    const base = groupDecision();
    for (const { image } of [VLLM, KAITO]) {
      const given = {
        ...base,
        workspace: { ...base.workspace, inference: inference({ image, servedNames: NAMES }) },
      };
      expect(argumentsOf(given).join(' ')).toContain(' --served-model-name chat chat-v2 ');
    }
  });

  it('are routed to, with the adapters', () => {
    const adapter = {
      name: 'tone',
      source: { name: 'tone', image: 'registry.example.com/tone:1' },
      strength: null,
    };
    expect(servedNames(serving({ servedNames: NAMES, adapters: [adapter] }))).toEqual([
      'chat',
      'chat-v2',
      'tone',
    ]);
  });

  it('are more than the transformers server of KAITO’s image has', () => {
    const given = serving({ ...KAITO, runtime: 'transformers', servedNames: NAMES });
    expect(checkInference(given)).toContainEqual(
      expect.objectContaining({ code: 'image-with-one-name', field: 'inference.servedName' }),
    );
  });

  it('cannot be the name of an adapter', () => {
    const adapter = {
      name: 'chat-v2',
      source: { name: 'chat-v2', image: 'registry.example.com/a:1' },
      strength: null,
    };
    const given = serving({ servedNames: NAMES, adapters: [adapter] });
    expect(checkInference(given)).toContainEqual(
      expect.objectContaining({
        severity: 'error',
        code: 'duplicate-name',
        field: 'inference.adapters[0].source.name',
      }),
    );
    expect(
      checkInference(serving({ adapters: [{ ...adapter, strength: 0.5 }], servedNames: NAMES })),
    ).toEqual([]);
  });
});
