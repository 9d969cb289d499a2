import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { contextFromConfig } from '../../../src/catalog/config-context';
import type { ModelConfig } from '../../../src/catalog/config-fields';
import { generatingArchitectures, lastVersionOf, serviceOf } from '../../../src/catalog/derive/architectures';
import { completeConfig } from '../../../src/catalog/derive/complete-config';
import { derivePreset } from '../../../src/catalog/derive/derive-preset';
import type { ModelSource } from '../../../src/catalog/derive/source';
import { kvCacheCapacity } from '../../../src/sizing/kv-cache/capacity';
import { kvCacheLayout } from '../../../src/sizing/kv-cache/layout';

interface Vector {
  readonly architecture: string;
  readonly config: ModelConfig;
  readonly max_num_batched_tokens: number;
  readonly available_bytes: number;
  readonly expected: {
    readonly max_model_len: number;
    readonly num_blocks: number;
    readonly kv_tokens: number;
  };
}

const { gpu, vectors } = JSON.parse(
  readFileSync(join(__dirname, '../../data/architectures.json'), 'utf8'),
) as { readonly gpu: string; readonly vectors: readonly Vector[] };

/** Compute capability of the GPU that the vectors are made for. */
const HOPPER = 9;

/** A model of which only the configuration is known. */
function sourceOf(config: ModelConfig): ModelSource {
  return {
    label: 'a model',
    huggingFaceId: 'acme/model',
    revision: null,
    license: 'mit',
    gated: 'no',
    files: [{ path: 'model.safetensors', bytes: 2 ** 30 }],
    text: (path) => Promise.resolve(path === 'config.json' ? JSON.stringify(config) : null),
    head: () => Promise.resolve(null),
  };
}

describe("presets of vLLM 0.32's architectures", () => {
  it('are compared for most kinds of caches', () => {
    expect(gpu).toBe('h100');
    const compared = new Set(vectors.map(({ architecture }) => architecture));
    expect(compared.size).toBeGreaterThan(120);
    expect([...compared].filter((name) => !generatingArchitectures().includes(name))).toEqual([]);
  });

  it.each(vectors.map((vector, index) => [`${vector.architecture} (${index})`, vector] as const))(
    'have the cache that vLLM computes for %s',
    async (_name, { config, available_bytes, max_num_batched_tokens, expected }) => {
      const { model } = await derivePreset(sourceOf(config));
      const layout = kvCacheLayout(model.geometry, {
        architecture: model.architecture,
        tensorParallel: 1,
        pipelineParallel: 1,
        computeCapability: HOPPER,
        maxBatchedTokens: max_num_batched_tokens,
        contextLimit: expected.max_model_len,
      });
      if ('problem' in layout) throw new Error(layout.problem);
      expect(contextFromConfig(completeConfig(config))).toBe(expected.max_model_len);
      expect(model.maxContext).toBeGreaterThanOrEqual(expected.max_model_len);
      expect(
        kvCacheCapacity(layout, {
          availableBytes: [available_bytes],
          context: expected.max_model_len,
          contextLimit: expected.max_model_len,
        }),
      ).toMatchObject({ blocks: expected.num_blocks, tokens: expected.kv_tokens });
    },
  );
});

describe('what vLLM 0.32 does with an architecture', () => {
  it('is one of six things', () => {
    expect(
      [
        'LlamaForCausalLM',
        'BertModel',
        'WhisperForConditionalGeneration',
        'EagleLlamaForCausalLM',
        'MptForCausalLM',
        'AcmeForCausalLM',
      ].map(serviceOf),
    ).toEqual(['generates', 'pools', 'transcribes', 'drafts', 'removed', 'unknown']);
    expect(lastVersionOf('MptForCausalLM')).toBe('0.28.0');
    expect(lastVersionOf('LlamaForCausalLM')).toBeNull();
  });
});
