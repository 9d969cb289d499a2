import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelConfig } from '../../../src/catalog/config-fields';
import { kvCacheFromConfig } from '../../../src/sizing/kv-cache/from-config';

interface Variation {
  readonly id: string;
  readonly gpu: string;
  readonly architecture: string;
  /** Name of one of `geometries`. */
  readonly geometry: string;
  readonly tp?: number;
  readonly pp?: number;
  readonly max_model_len?: number | 'auto';
  readonly engine_args?: ModelConfig;
  readonly available_bytes: number;
  /** What vLLM computed; or, where it refused, what it would have needed on each stage. */
  readonly expected?: Readonly<Record<string, unknown>>;
  readonly refused?: readonly Readonly<Record<string, unknown>>[];
}

const { geometries, vectors } = JSON.parse(
  readFileSync(join(__dirname, '../../data/kv-variations.json'), 'utf8'),
) as {
  readonly geometries: Readonly<Record<string, ModelConfig>>;
  readonly vectors: readonly Variation[];
};

function computed({ gpu, available_bytes, geometry: name, ...input }: Variation): unknown {
  const geometry = geometries[name] ?? {};
  const result = kvCacheFromConfig({ ...input, geometry }, gpu, available_bytes);
  if ('problem' in result) return result;
  if ('stages' in result) {
    return result.stages.map((stage) => ({
      bytes_per_block: stage.bytesPerBlock,
      num_blocks_if_ignored: stage.blocks,
      needed_bytes: stage.neededBytes,
      estimated_max_model_len: stage.largestContext,
    }));
  }
  return {
    num_blocks: result.blocks,
    kv_tokens: result.tokens,
    max_concurrency: result.maxConcurrency,
    max_model_len: result.maxContext,
    bytes_per_block: result.bytesPerBlock,
    need_bytes_one_request: result.bytesPerRequest,
  };
}

describe("variations on vLLM 0.32's families of models, engine arguments and GPUs", () => {
  it('are more than 200', () => {
    expect(vectors.length).toBeGreaterThan(200);
  });

  it.each(vectors.map((vector) => [vector.id, vector] as const))('are met for %s', (_id, vector) => {
    expect(computed(vector)).toEqual(vector.expected ?? vector.refused);
  });
});
