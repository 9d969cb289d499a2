import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigInput } from '../../../src/sizing/kv-cache/config-input';
import { kvCacheFromConfig } from '../../../src/sizing/kv-cache/from-config';

interface Expected {
  readonly num_blocks: number;
  readonly kv_tokens: number;
  readonly max_concurrency: number;
  readonly max_model_len: number;
  readonly max_model_len_before_fit: number;
  readonly bytes_per_block: readonly number[];
  readonly need_bytes_one_request: readonly number[];
  readonly groups: readonly {
    readonly spec: string;
    readonly layers: number;
    readonly block_size: number;
    readonly page_size_bytes: number;
    readonly blocks_per_max_len_request: number;
  }[];
}

interface Refused {
  readonly error: string;
  readonly per_stage: readonly {
    readonly bytes_per_block: number;
    readonly num_blocks_if_ignored: number;
    readonly needed_bytes: number;
    readonly estimated_max_model_len: number;
  }[];
}

interface Vector {
  readonly id: string;
  readonly what: string;
  readonly gpu: string;
  readonly input: ConfigInput;
  readonly available_bytes: number;
  readonly expected: Expected | Refused;
}

const { count, vectors } = JSON.parse(
  readFileSync(join(__dirname, '../../data/kv-vectors.json'), 'utf8'),
) as {
  readonly count: number;
  readonly vectors: readonly Vector[];
};

/** What sizing computes, in the spelling of the vectors. */
function computed({ input, gpu, available_bytes }: Vector): unknown {
  const result = kvCacheFromConfig(input, gpu, available_bytes);
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
    max_model_len_before_fit: result.contextLimit,
    bytes_per_block: result.bytesPerBlock,
    need_bytes_one_request: result.bytesPerRequest,
    groups: result.groups.map((group) => ({
      spec: group.spec,
      layers: group.layers,
      block_size: group.blockSize,
      page_size_bytes: group.pageBytes,
      blocks_per_max_len_request: group.blocks,
    })),
  } satisfies Expected;
}

describe("vLLM 0.32's own figures", () => {
  it('are there to compare with', () => {
    expect(vectors).toHaveLength(count);
    expect(count).toBeGreaterThanOrEqual(41);
  });

  it.each(vectors.map((vector) => [vector.id, vector] as const))('are met for %s', (_id, vector) => {
    const { expected } = vector;
    expect(computed(vector)).toEqual('error' in expected ? expected.per_stage : expected);
  });
});
