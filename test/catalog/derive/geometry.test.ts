import { architectureOf, completeConfig } from '../../../src/catalog/derive/complete-config';
import { Findings } from '../../../src/catalog/derive/findings';
import { deriveGeometry } from '../../../src/catalog/derive/geometry';
import { expandLayers } from '../../../src/catalog/layers';
import type { Geometry } from '../../../src/catalog/model';

const PLAIN = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  hidden_size: 4096,
  intermediate_size: 14336,
  num_hidden_layers: 32,
  num_attention_heads: 32,
  num_key_value_heads: 8,
  vocab_size: 128256,
  max_position_embeddings: 131072,
};

function tryDerive(config: Readonly<Record<string, unknown>>): [Geometry | undefined, Findings] {
  const findings = new Findings();
  return [deriveGeometry(architectureOf(config), completeConfig(config), findings), findings];
}

function derive(config: Readonly<Record<string, unknown>>): [Geometry, Findings] {
  const [geometry, findings] = tryDerive(config);
  if (geometry === undefined) throw new Error([...findings.missing, ...findings.refusals].join(', '));
  return [geometry, findings];
}

/** Layers by kind, such as `{ full: 10, sliding: 50 }`. */
function count({ layers }: Geometry): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of expandLayers(layers)) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

describe('the geometry of a plain decoder', () => {
  test('is read from its configuration', () => {
    const [geometry, findings] = derive(PLAIN);
    expect(geometry).toEqual({
      hiddenSize: 4096,
      intermediateSize: 14336,
      attentionHeads: 32,
      vocabSize: 128256,
      tieWordEmbeddings: false,
      layers: [{ repeat: 1, layers: [{ kind: 'full', count: 32 }] }],
      full: { kvHeads: 8, headDim: 128 },
      kvSharedLayers: 0,
      moe: null,
      vision: null,
      mtpLayers: 0,
    });
    expect(findings.assumptions).toEqual([]);
    expect(findings.isComplete).toBe(true);
  });

  test('has as many key-value heads as heads, or one, when none are given', () => {
    const config = { ...PLAIN, num_key_value_heads: null };
    expect(derive(config)[0].full?.kvHeads).toBe(32);
    expect(derive({ ...config, multi_query: true })[0].full?.kvHeads).toBe(1);
  });

  test('is read by the names that older families use', () => {
    const [geometry, findings] = derive({
      architectures: ['GPTBigCodeForCausalLM'],
      model_type: 'gpt_bigcode',
      n_embd: 6144,
      n_inner: 24576,
      n_layer: 40,
      n_head: 48,
      multi_query: true,
      vocab_size: 49152,
    });
    expect(findings.isComplete).toBe(true);
    expect(geometry).toMatchObject({
      hiddenSize: 6144,
      intermediateSize: 24576,
      full: { kvHeads: 1, headDim: 128 },
    });
  });

  test('names every figure that is missing, at once', () => {
    const [, findings] = tryDerive({ model_type: 'llama', hidden_size: 0 });
    expect(findings.refusals).toEqual([expect.stringContaining('architectures')]);
    expect(findings.missing).toEqual([
      'num_hidden_layers or n_layer or num_layers or n_layers',
      'hidden_size, which is 0',
      'vocab_size or padded_vocab_size',
    ]);
    expect(findings.isComplete).toBe(false);
  });

  test('of a family that is not known is assumed to be plain, and says so', () => {
    const [geometry, findings] = derive({ ...PLAIN, model_type: 'brand_new' });
    expect(count(geometry)).toEqual({ full: 32 });
    expect(findings.assumptions).toEqual([expect.stringContaining('"brand_new" is not known')]);
  });
});

describe('layers with a window', () => {
  test('are all of them where the configuration names no types (vLLM 0.32)', () => {
    const [geometry] = derive({
      ...PLAIN,
      model_type: 'phi3',
      sliding_window: 2047,
      max_position_embeddings: 4096,
    });
    expect(count(geometry)).toEqual({ sliding: 32 });
    expect(geometry.sliding).toEqual({ kvHeads: 8, headDim: 128, window: 2047 });
    expect(geometry.full).toBeUndefined();
  });

  test('slide as well where the window exceeds the context, as in vLLM', () => {
    expect(count(derive({ ...PLAIN, model_type: 'phi3', sliding_window: 262144 })[0])).toEqual({
      sliding: 32,
    });
  });

  test('have the window of their family where the configuration names none, and none where it is null', () => {
    const mistral = { ...PLAIN, model_type: 'mistral' };
    expect(derive(mistral)[0].sliding?.window).toBe(4096);
    expect(count(derive({ ...mistral, sliding_window: null })[0])).toEqual({ full: 32 });
  });

  test('are none where the window is not used', () => {
    const qwen = { ...PLAIN, model_type: 'qwen2', sliding_window: 32768 };
    expect(count(derive({ ...qwen, use_sliding_window: false })[0])).toEqual({ full: 32 });
    expect(count(derive(qwen)[0])).toEqual({ full: 32 });
    const used = { ...qwen, use_sliding_window: true, sliding_window: 4096 };
    expect(count(derive({ ...used, max_window_layers: 32 })[0])).toEqual({ full: 32 });
    expect(count(derive({ ...used, max_window_layers: 0 })[0])).toEqual({ sliding: 32 });
    expect(() => derive({ ...used, max_window_layers: 28 })).toThrow('max_window_layers is 28 of 32 layers');
  });

  test('follow the layer types that the configuration names', () => {
    const layer_types = ['sliding_attention', 'full_attention', 'sliding_attention'];
    const [geometry] = derive({
      ...PLAIN,
      model_type: 'olmo3',
      num_hidden_layers: 3,
      sliding_window: 4096,
      layer_types,
    });
    expect(expandLayers(geometry.layers)).toEqual(['sliding', 'full', 'sliding']);
  });

  test('of Gemma 3 come five to one, with what its releases leave out filled in', () => {
    const [geometry, findings] = derive({
      architectures: ['Gemma3ForConditionalGeneration'],
      model_type: 'gemma3',
      text_config: {
        model_type: 'gemma3_text',
        hidden_size: 2560,
        intermediate_size: 10240,
        num_hidden_layers: 34,
        sliding_window: 1024,
      },
      vision_config: { hidden_size: 1152, intermediate_size: 4304, num_hidden_layers: 27, patch_size: 14 },
    });
    expect(findings.isComplete).toBe(true);
    expect(count(geometry)).toEqual({ sliding: 29, full: 5 });
    expect(geometry).toMatchObject({
      attentionHeads: 8,
      vocabSize: 262208,
      full: { kvHeads: 4, headDim: 256 },
      vision: { layers: 27, hiddenSize: 1152, intermediateSize: 4304, patchSize: 14 },
    });
  });

  test('of Gemma 4 have heads of their own', () => {
    const [geometry] = derive({
      ...PLAIN,
      model_type: 'gemma4_text',
      num_hidden_layers: 60,
      num_key_value_heads: 16,
      head_dim: 256,
      global_head_dim: 512,
      num_global_key_value_heads: 4,
      num_kv_shared_layers: 0,
      sliding_window: 1024,
      enable_moe_block: false,
    });
    expect(count(geometry)).toEqual({ sliding: 50, full: 10 });
    expect(geometry.sliding).toEqual({ kvHeads: 16, headDim: 256, window: 1024 });
    expect(geometry.full).toEqual({ kvHeads: 4, headDim: 512 });
  });

  test('of MiMo-V2 have keys and values of different sizes', () => {
    const [geometry] = derive({
      ...PLAIN,
      model_type: 'mimo_v2',
      num_hidden_layers: 4,
      hybrid_layer_pattern: [0, 1, 1, 0],
      num_key_value_heads: 4,
      head_dim: 192,
      v_head_dim: 128,
      swa_num_key_value_heads: 8,
      swa_head_dim: 192,
      swa_v_head_dim: 128,
      sliding_window_size: 128,
    });
    expect(expandLayers(geometry.layers)).toEqual(['full', 'sliding', 'sliding', 'full']);
    expect(geometry.full).toEqual({ kvHeads: 4, headDim: 192, valueHeadDim: 128 });
    expect(geometry.sliding).toEqual({ kvHeads: 8, headDim: 192, valueHeadDim: 128, window: 128 });
  });

  test('are chunks in Llama 4, three of four', () => {
    const [geometry] = derive({
      architectures: ['Llama4ForConditionalGeneration'],
      model_type: 'llama4',
      text_config: {
        ...PLAIN,
        model_type: 'llama4_text',
        num_hidden_layers: 48,
        num_attention_heads: 40,
        hidden_size: 5120,
        intermediate_size: 8192,
        intermediate_size_mlp: 16384,
        num_local_experts: 16,
        num_experts_per_tok: 1,
      },
    });
    expect(count(geometry)).toEqual({ chunked: 36, full: 12 });
    expect(geometry.chunked).toEqual({ kvHeads: 8, headDim: 128, chunk: 8192 });
    expect(geometry.moe).toMatchObject({ experts: 16, topK: 1, intermediateSize: 8192, sharedExperts: 1 });
  });
});

describe('layers with a latent cache', () => {
  const MLA = {
    ...PLAIN,
    model_type: 'deepseek_v3',
    num_hidden_layers: 61,
    kv_lora_rank: 512,
    q_lora_rank: 1536,
    qk_rope_head_dim: 64,
    qk_nope_head_dim: 128,
    v_head_dim: 128,
    n_routed_experts: 256,
    n_shared_experts: 1,
    num_experts_per_tok: 8,
    moe_intermediate_size: 2048,
    first_k_dense_replace: 3,
    num_nextn_predict_layers: 1,
  };

  test('are described by their ranks, their experts by their number', () => {
    const [geometry] = derive(MLA);
    expect(count(geometry)).toEqual({ mla: 61 });
    expect(geometry.mla).toEqual({
      kvLoraRank: 512,
      qkRopeHeadDim: 64,
      qkNopeHeadDim: 128,
      vHeadDim: 128,
      qLoraRank: 1536,
    });
    expect(geometry.moe).toEqual({
      experts: 256,
      topK: 8,
      intermediateSize: 2048,
      sharedExperts: 1,
      denseLayers: 3,
    });
    expect(geometry.mtpLayers).toBe(1);
  });

  test('have an indexer on every layer, or on one of several', () => {
    const indexer = { index_head_dim: 128, index_n_heads: 32, index_topk: 2048 };
    expect(derive({ ...MLA, ...indexer })[0].mla?.indexer).toEqual({
      heads: 32,
      headDim: 128,
      topK: 2048,
      layers: 61,
    });
    const glm = { ...MLA, ...indexer, model_type: 'glm_moe_dsa', num_hidden_layers: 78 };
    const shared = { index_topk_freq: 4, index_skip_topk_offset: 3 };
    expect(derive({ ...glm, ...shared })[0].mla?.indexer).toMatchObject({
      layers: 21,
      frequency: 4,
      offset: 3,
    });
  });

  test('have the indexers that a pattern names', () => {
    const [geometry] = derive({
      ...MLA,
      num_hidden_layers: 4,
      index_head_dim: 128,
      index_n_heads: 32,
      index_topk: 2048,
      index_topk_pattern: 'FSFF',
    });
    expect(geometry.mla?.indexer).toMatchObject({ layers: 3, pattern: 'FSFF' });
  });

  test('of DeepSeek-V4 are compressed, and its draft layers are no layers', () => {
    const [geometry, findings] = derive({
      ...PLAIN,
      model_type: 'deepseek_v4',
      num_hidden_layers: 5,
      compress_ratios: [0, 0, 4, 128, 4, 0],
      num_attention_heads: 64,
      num_key_value_heads: 1,
      head_dim: 512,
      qk_rope_head_dim: 64,
      q_lora_rank: 1024,
      o_lora_rank: 1024,
      o_groups: 8,
      index_head_dim: 128,
      index_n_heads: 64,
      index_topk: 512,
      sliding_window: 128,
    });
    expect(findings.isComplete).toBe(true);
    expect(expandLayers(geometry.layers)).toEqual(['window', 'window', 'csa', 'hca', 'csa']);
    expect(geometry.compressed).toEqual({
      latentDim: 512,
      qkRopeHeadDim: 64,
      window: 128,
      csaRatio: 4,
      hcaRatio: 128,
      bytesPerEntry: 584,
      indexerHeads: 64,
      indexerHeadDim: 128,
      qLoraRank: 1024,
      oLoraRank: 1024,
      oGroups: 8,
    });
  });
});

describe('layers with a state', () => {
  test('of Nemotron-H follow its pattern, their state in float32', () => {
    const [geometry] = derive({
      ...PLAIN,
      model_type: 'nemotron_h',
      num_hidden_layers: null,
      hybrid_override_pattern: 'M-M*E',
      mamba_num_heads: 64,
      mamba_head_dim: 64,
      ssm_state_size: 128,
      n_groups: 8,
      conv_kernel: 4,
    });
    expect(expandLayers(geometry.layers)).toEqual(['linear', 'mlp', 'linear', 'full', 'mlp']);
    expect(geometry.linear).toEqual({
      type: 'Mamba2',
      convKernel: 4,
      stateDtype: 'float32',
      heads: 64,
      headDim: 64,
      stateSize: 128,
      groups: 8,
    });
  });

  test('of Qwen 3.5 are three of four, their state as configured', () => {
    const [geometry] = derive({
      ...PLAIN,
      model_type: 'qwen3_5_text',
      num_hidden_layers: 8,
      linear_num_key_heads: 16,
      linear_key_head_dim: 128,
      linear_num_value_heads: 48,
      linear_value_head_dim: 128,
      mamba_ssm_dtype: 'float32',
    });
    expect(geometry.layers).toEqual([
      {
        repeat: 2,
        layers: [
          { kind: 'linear', count: 3 },
          { kind: 'full', count: 1 },
        ],
      },
    ]);
    expect(geometry.linear).toMatchObject({ type: 'GatedDeltaNet', stateDtype: 'float32', valueHeads: 48 });
    expect(geometry.full?.headDim).toBe(256);
  });

  test('of Kimi Linear are counted from 1, beside latent ones', () => {
    const [geometry] = derive({
      ...PLAIN,
      model_type: 'kimi_linear',
      num_hidden_layers: 4,
      kv_lora_rank: 512,
      qk_nope_head_dim: 128,
      qk_rope_head_dim: 64,
      v_head_dim: 128,
      linear_attn_config: {
        kda_layers: [1, 2, 3],
        full_attn_layers: [4],
        num_heads: 32,
        head_dim: 128,
        short_conv_kernel_size: 4,
      },
    });
    expect(expandLayers(geometry.layers)).toEqual(['linear', 'linear', 'linear', 'mla']);
    expect(geometry.linear).toEqual({
      type: 'KDA',
      convKernel: 4,
      stateDtype: 'float32',
      heads: 32,
      headDim: 128,
      prefillCheckpoint: false,
    });
  });

  test('of Jamba come in periods', () => {
    const [geometry] = derive({
      ...PLAIN,
      model_type: 'jamba',
      num_hidden_layers: 8,
      attn_layer_period: 8,
      attn_layer_offset: 4,
      mamba_d_state: 16,
      mamba_d_conv: 4,
      mamba_expand: 2,
    });
    expect(expandLayers(geometry.layers).indexOf('full')).toBe(4);
    expect(geometry.linear).toEqual({
      type: 'Mamba1',
      convKernel: 4,
      stateDtype: 'bfloat16',
      channels: 8192,
      stateSize: 16,
    });
  });

  test('may attend at the same time', () => {
    const [geometry] = derive({
      ...PLAIN,
      model_type: 'falcon_h1',
      mamba_d_ssm: 3072,
      mamba_n_heads: 24,
      mamba_d_state: 256,
      mamba_n_groups: 1,
    });
    expect(count(geometry)).toEqual({ parallel: 32 });
    expect(geometry).toMatchObject({
      full: { kvHeads: 8, headDim: 128 },
      linear: { type: 'Mamba2', heads: 24, headDim: 128, stateSize: 256, groups: 1 },
    });
    const zamba = {
      ...PLAIN,
      model_type: 'zamba2',
      n_mamba_heads: 64,
      mamba_d_state: 64,
      attention_head_dim: 224,
    };
    expect(count(derive({ ...zamba, hybrid_layer_ids: [6, 12] })[0])).toEqual({ linear: 30, parallel: 2 });
    const named = Array.from({ length: 32 }, (_, layer) => (layer === 6 ? 'hybrid' : 'mamba'));
    expect(count(derive({ ...zamba, layers_block_type: named })[0])).toEqual({ linear: 31, parallel: 1 });
    expect(derive({ ...zamba, layers_block_type: named })[0].full?.headDim).toBe(224);
  });

  test('may keep the tail of a convolution, or a matrix for each head', () => {
    const [lfm2] = derive({ ...PLAIN, model_type: 'lfm2', conv_L_cache: 3, full_attn_idxs: [2, 5] });
    expect(count(lfm2)).toEqual({ linear: 30, full: 2 });
    expect(lfm2.linear).toMatchObject({ type: 'ShortConv', convKernel: 3, channels: 4096 });
    const [ling] = derive({ ...PLAIN, model_type: 'bailing_hybrid', layer_group_size: 7, kv_lora_rank: 512 });
    // Four whole groups of seven, and four layers behind them.
    expect(count(ling)).toEqual({ linear: 24, mla: 8 });
    expect(ling.linear).toMatchObject({ type: 'Lightning', heads: 32, headDim: 128 });
  });

  test('that no preset can describe are refused by name', () => {
    const [, findings] = tryDerive({
      ...PLAIN,
      num_hidden_layers: 2,
      layer_types: ['quantum', 'full_attention'],
    });
    expect(findings.refusals).toEqual([expect.stringContaining('"quantum"')]);
    const [, lightning] = tryDerive({
      ...PLAIN,
      model_type: 'minimax_text_01',
      num_hidden_layers: 2,
      attn_type_list: [0, 1],
    });
    expect(lightning.refusals).toEqual([expect.stringContaining('keep a state')]);
  });
});
