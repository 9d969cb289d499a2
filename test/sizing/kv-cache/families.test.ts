import type { ConfigInput } from '../../../src/sizing/kv-cache/config-input';
import { kvCacheFromConfig, type ConfigCapacity } from '../../../src/sizing/kv-cache/from-config';

const GIB = 2 ** 30;

function capacity(input: ConfigInput, gpu = 'h100', bytes = 64 * GIB): ConfigCapacity {
  const result = kvCacheFromConfig(input, gpu, bytes);
  if (!('groups' in result)) throw new Error(JSON.stringify(result));
  return result;
}

/** Layers and blocks of each group, by vLLM's class. */
function groups(input: ConfigInput, gpu?: string): [string, number, number][] {
  return capacity(input, gpu).groups.map(({ spec, layers, blocks }) => [spec, layers, blocks]);
}

const qwen3Next = {
  model_type: 'qwen3_next',
  hidden_size: 2048,
  num_hidden_layers: 48,
  num_attention_heads: 16,
  num_key_value_heads: 2,
  head_dim: 256,
  full_attention_interval: 4,
  linear_num_key_heads: 16,
  linear_num_value_heads: 32,
  linear_key_head_dim: 128,
  linear_value_head_dim: 128,
  linear_conv_kernel_dim: 4,
  max_position_embeddings: 262144,
  vocab_size: 151936,
};

const kimiK3 = {
  model_type: 'kimi_k3',
  hidden_size: 7168,
  num_hidden_layers: 8,
  num_attention_heads: 96,
  kv_lora_rank: 512,
  qk_rope_head_dim: 64,
  qk_nope_head_dim: 128,
  v_head_dim: 128,
  linear_attn_config: {
    kda_layers: [1, 2, 3, 5, 6, 7],
    full_attn_layers: [4, 8],
    num_heads: 96,
    head_dim: 128,
  },
  max_position_embeddings: 131072,
  vocab_size: 163840,
};

describe("the block of a hybrid, as vLLM 0.32 aligns it to its state's page", () => {
  it.each([
    [1, undefined, 544],
    [4, undefined, 272],
    [8, undefined, 144],
    [1, 'fp8', 1072],
  ])('of Qwen3-Next over %i GPUs with a cache of %s has %i tokens', (tp, dtype, tokens) => {
    const engine_args = dtype === undefined ? {} : { kv_cache_dtype: dtype };
    const result = capacity({ architecture: 'Qwen3NextForCausalLM', geometry: qwen3Next, tp, engine_args });
    expect(new Set(result.groups.map((group) => group.blockSize))).toEqual(new Set([tokens]));
  });

  it('of latent attention and Kimi deltas is a multiple of 128 tokens, and prefill keeps a checkpoint', () => {
    const result = capacity({ architecture: 'KimiK3ForConditionalGeneration', geometry: kimiK3, tp: 8 });
    expect(result.groups.map(({ blockSize, layers, blocks }) => [blockSize, layers, blocks])).toEqual([
      [768, 2, 3],
      [768, 2, 3],
      [768, 2, 3],
      [768, 2, Math.ceil(131072 / 768)],
    ]);
  });

  it('has no checkpoint where the gate of the deltas has no bound', () => {
    const geometry = { ...kimiK3, model_type: 'kimi_linear' };
    const blocks = groups({ architecture: 'KimiLinearForCausalLM', geometry, tp: 8 }).map(
      ([, , count]) => count,
    );
    expect(blocks.slice(0, 3)).toEqual([2, 2, 2]);
  });
});

describe('the caches of a family', () => {
  it('are those of chunked layers three times those of full ones in Llama 4', () => {
    const geometry = {
      model_type: 'llama4_text',
      hidden_size: 5120,
      num_hidden_layers: 48,
      num_attention_heads: 40,
      num_key_value_heads: 8,
      head_dim: 128,
      attention_chunk_size: 8192,
      max_position_embeddings: 1048576,
      vocab_size: 202048,
    };
    const chunked = Math.ceil((8192 + 16384) / 16);
    expect(groups({ architecture: 'Llama4ForCausalLM', geometry, tp: 8, max_model_len: 131072 })).toEqual([
      ['ChunkedLocalAttentionSpec', 12, chunked],
      ['ChunkedLocalAttentionSpec', 12, chunked],
      ['ChunkedLocalAttentionSpec', 12, chunked],
      ['FullAttentionSpec', 12, 8192],
    ]);
  });

  it('leave out the layers of Gemma 3n that reuse a cache', () => {
    const geometry = {
      model_type: 'gemma3n_text',
      hidden_size: 2048,
      num_hidden_layers: 35,
      num_attention_heads: 8,
      num_key_value_heads: 2,
      head_dim: 256,
      sliding_window: 512,
      num_kv_shared_layers: 15,
      max_position_embeddings: 32768,
      vocab_size: 262400,
    };
    const layers = groups({ architecture: 'Gemma3nForCausalLM', geometry }).map(([, count]) => count);
    expect(layers.reduce((sum, count) => sum + count, 0)).toBe(20);
    expect(layers).toEqual([4, 4, 4, 4, 4]);
  });

  it('add keys and values of different sizes in MiMo, and double the block of the layers with fewer heads', () => {
    const geometry = {
      model_type: 'mimo_v2_flash',
      hidden_size: 4096,
      num_hidden_layers: 12,
      num_attention_heads: 64,
      num_key_value_heads: 4,
      head_dim: 192,
      v_head_dim: 128,
      swa_num_key_value_heads: 8,
      swa_head_dim: 192,
      swa_v_head_dim: 128,
      sliding_window_size: 128,
      hybrid_layer_pattern: [0, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1],
      max_position_embeddings: 262144,
      vocab_size: 152576,
    };
    const result = capacity({
      architecture: 'MiMoV2FlashForCausalLM',
      geometry,
      tp: 4,
      max_model_len: 32768,
    });
    expect(result.groups.map(({ spec, blockSize, pageBytes }) => [spec, blockSize, pageBytes])).toEqual([
      ['FullAttentionSpec', 32, 2 * 320 * 2 * 16],
      ...Array.from({ length: 5 }, () => ['SlidingWindowSpec', 16, 2 * 320 * 2 * 16]),
    ]);
  });

  it('are states alone in Mamba2, one for each request, whatever its length', () => {
    const geometry = {
      model_type: 'mamba2',
      hidden_size: 4096,
      num_hidden_layers: 64,
      num_heads: 128,
      head_dim: 64,
      state_size: 128,
      n_groups: 8,
      conv_kernel: 4,
      vocab_size: 32768,
    };
    const result = capacity({ architecture: 'Mamba2ForCausalLM', geometry, max_model_len: 8192 });
    const state = 3 * (8192 + 2 * 8 * 128) * 2 + 128 * 64 * 128 * 2;
    expect(result.bytesPerBlock).toEqual([64 * state]);
    expect(result.maxConcurrency).toBe(result.blocks);
  });

  it('are packed side by side in DeepSeek-V4', () => {
    const geometry = {
      model_type: 'deepseek_v4',
      hidden_size: 4096,
      num_hidden_layers: 43,
      num_attention_heads: 64,
      head_dim: 512,
      qk_rope_head_dim: 64,
      q_lora_rank: 1024,
      o_lora_rank: 1024,
      o_groups: 8,
      sliding_window: 128,
      index_head_dim: 128,
      index_n_heads: 64,
      index_topk: 512,
      compress_ratios: [0, 0, ...Array.from({ length: 41 }, (_, index) => (index % 2 === 0 ? 4 : 128)), 0],
      max_position_embeddings: 1048576,
      vocab_size: 129280,
    };
    const result = capacity({
      architecture: 'DeepseekV4ForCausalLM',
      geometry,
      tp: 8,
      max_model_len: 131072,
    });
    // Windows of 43 layers in two groups of 22 and 21; histories; states of the 4:1 and of the 128:1 compressors.
    expect(result.groups.map(({ spec, layers, blockSize }) => [spec, layers, blockSize])).toEqual([
      ['SlidingWindowMLASpec', 22, 64],
      ['SlidingWindowMLASpec', 21, 64],
      ['MLAAttentionSpec', 62, 256],
      ['SlidingWindowMLASpec', 42, 4],
      ['SlidingWindowMLASpec', 20, 8],
    ]);
    expect(result.bytesPerBlock).toEqual([21 * (8640 + 37440) + 20 * 1728]);
  });

  it.each([
    ['h100', 'auto', 1152 + 132],
    ['h100', 'fp8', 656 + 132],
    ['h100', 'fp8_ds_mla', 656 + 132],
    ['b200', 'fp8', 576 + 132],
  ])('of sparse latent attention on %s with %s take %i bytes a token and layer', (gpu, dtype, perToken) => {
    const geometry = {
      model_type: 'deepseek_v32',
      hidden_size: 7168,
      num_hidden_layers: 61,
      num_attention_heads: 128,
      kv_lora_rank: 512,
      qk_rope_head_dim: 64,
      qk_nope_head_dim: 128,
      index_topk: 2048,
      index_head_dim: 128,
      max_position_embeddings: 163840,
      vocab_size: 129280,
    };
    const input = { architecture: 'DeepseekV32ForCausalLM', geometry, tp: 8, max_model_len: 8192 };
    const result = capacity({ ...input, engine_args: { kv_cache_dtype: dtype } }, gpu);
    expect(result.bytesPerBlock).toEqual([61 * 64 * perToken]);
  });
});

describe('a page of 16 tokens, 8 heads and 128 dimensions', () => {
  const geometry = {
    model_type: 'llama',
    hidden_size: 4096,
    num_hidden_layers: 32,
    num_attention_heads: 32,
    num_key_value_heads: 8,
    max_position_embeddings: 131072,
    vocab_size: 128256,
  };

  it.each([
    ['auto', 65536],
    ['fp8_e5m2', 32768],
    ['fp8_per_token_head', 33792],
    ['int8_per_token_head', 33792],
    ['int4_per_token_head', 17408],
    ['nvfp4', 18432],
  ])('with a cache of %s has %i bytes, scales and all', (dtype, bytes) => {
    const engine_args = { kv_cache_dtype: dtype };
    const { bytesPerBlock } = capacity({ architecture: 'LlamaForCausalLM', geometry, engine_args });
    expect(bytesPerBlock).toEqual([32 * bytes]);
  });

  it('is not guessed for a type that is not known', () => {
    const engine_args = { kv_cache_dtype: 'fp7' };
    expect(problem({ architecture: 'LlamaForCausalLM', geometry, engine_args }, 'h100')).toMatch(
      /^kv_cache_dtype "fp7" is not known; known are auto, /,
    );
  });
});

describe('a window of 128 tokens', () => {
  const geometry = {
    model_type: 'gpt_oss',
    hidden_size: 2880,
    num_hidden_layers: 24,
    num_attention_heads: 64,
    num_key_value_heads: 8,
    head_dim: 64,
    sliding_window: 128,
    max_position_embeddings: 131072,
    vocab_size: 201088,
  };
  const windowBlocks = (pp: number, gpu: string): number | undefined =>
    groups({ architecture: 'GptOssForCausalLM', geometry, pp }, gpu)[0]?.[2];

  it('costs what is in flight: more with a pipeline, less on GPUs with small batches', () => {
    expect([windowBlocks(1, 'h100'), windowBlocks(2, 'h100'), windowBlocks(1, 'l4')]).toEqual([
      1033, 1545, 265,
    ]);
  });
});

function problem(input: ConfigInput, gpu: string): string {
  const result = kvCacheFromConfig(input, gpu, GIB);
  return 'problem' in result ? result.problem : 'none';
}

describe('what vLLM refuses', () => {
  const llama = { model_type: 'llama', hidden_size: 3584, num_hidden_layers: 28, vocab_size: 152064 };

  it.each([
    [28, 4, 8, '28 attention heads'],
    [24, 6, 4, '6 key-value heads'],
  ])('is %i heads with %i for keys and values over %i GPUs', (heads, kvHeads, tp, reason) => {
    const geometry = { ...llama, num_attention_heads: heads, num_key_value_heads: kvHeads };
    expect(problem({ architecture: 'Qwen2ForCausalLM', geometry, tp }, 'h100')).toContain(reason);
  });

  it('is a GPU that is not known', () => {
    expect(problem({ geometry: llama }, 'riva-128')).toContain('known are');
  });
});
