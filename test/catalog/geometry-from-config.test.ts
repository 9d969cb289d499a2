import { contextFromConfig, contextLimit } from '../../src/catalog/config-context';
import { expandLayers } from '../../src/catalog/layers';
import { dtypeFromConfig, geometryFromConfig } from '../../src/catalog/geometry-from-config';
import type { Geometry, LayerKind } from '../../src/catalog/model';

const base = {
  model_type: 'llama',
  hidden_size: 4096,
  num_hidden_layers: 6,
  num_attention_heads: 32,
  num_key_value_heads: 8,
  intermediate_size: 14336,
  vocab_size: 128256,
};

function read(fields: object, architecture = 'LlamaForCausalLM'): Geometry {
  const geometry = geometryFromConfig(architecture, { ...base, ...fields });
  if ('problem' in geometry) throw new Error(geometry.problem);
  return geometry;
}

/** One letter for each layer. */
function letters(fields: object): string {
  const letter: Readonly<Record<LayerKind, string>> = {
    full: 'F',
    sliding: 'S',
    chunked: 'C',
    mla: 'M',
    linear: 'L',
    parallel: 'P',
    mlp: '-',
    csa: '4',
    hca: 'H',
    window: 'W',
  };
  return expandLayers(read(fields).layers)
    .map((kind) => letter[kind])
    .join('');
}

describe('the geometry of a configuration', () => {
  it('of a plain model has heads of the hidden size divided among them', () => {
    expect(read({})).toMatchObject({
      hiddenSize: 4096,
      intermediateSize: 14336,
      tieWordEmbeddings: false,
      full: { kvHeads: 8, headDim: 128 },
      kvSharedLayers: 0,
      moe: null,
      vision: null,
    });
  });

  it('of a multimodal model is that of its text section', () => {
    const { model_type, vocab_size, ...text } = base;
    const geometry = geometryFromConfig('Gemma3ForConditionalGeneration', {
      model_type,
      text_config: { ...text, vocab_size, model_type: 'gemma3_text', sliding_window: 1024 },
      vision_config: { num_hidden_layers: 27, hidden_size: 1152, intermediate_size: 4304, patch_size: 14 },
    });
    expect(geometry).toMatchObject({
      sliding: { window: 1024 },
      vision: { layers: 27, hiddenSize: 1152, intermediateSize: 4304, patchSize: 14 },
    });
  });

  it.each<[string, object, string]>([
    ['no word of kinds', {}, 'FFFFFF'],
    ['a window and no kinds', { sliding_window: 4096 }, 'SSSSSS'],
    ['a window that Qwen does not use', { model_type: 'qwen2', sliding_window: 4096 }, 'FFFFFF'],
    ['a window switched off', { sliding_window: 4096, use_sliding_window: false }, 'FFFFFF'],
    [
      "Qwen's window from the first layer on",
      { model_type: 'qwen2', sliding_window: 64, use_sliding_window: true, max_window_layers: 0 },
      'SSSSSS',
    ],
    [
      "Qwen's window behind the last layer",
      { model_type: 'qwen3', sliding_window: 64, use_sliding_window: true },
      'FFFFFF',
    ],
    ['every sixth layer full', { model_type: 'gemma3_text', sliding_window: 1024 }, 'SSSSSF'],
    ['every second layer full', { model_type: 'gpt_oss', sliding_window: 128 }, 'SFSFSF'],
    ['a pattern of its own', { sliding_window: 64, sliding_window_pattern: 3 }, 'SSFSSF'],
    ['a pattern in letters', { sliding_window: 64, sliding_window_pattern: 'LLG' }, 'SSFSSF'],
    ['named kinds', { layer_types: ['linear_attention', 'full_attention'], ...gdn() }, 'LF'],
    ['chunks', { model_type: 'llama4_text', attention_chunk_size: 8192 }, 'CCCFCC'],
    ['an interval of full layers', { full_attention_interval: 3, ...gdn() }, 'LLFLLF'],
    ['letters of Nemotron', { hybrid_override_pattern: 'ME*-', ...mamba2() }, 'L-F-'],
    ['places of attention', { attn_layer_period: 3, attn_layer_offset: 1, mamba_d_state: 16 }, 'LFLLFL'],
    ['indices of attention', { attn_layer_indices: [2], ...mamba2() }, 'LLFLLL'],
    ['latent attention', { kv_lora_rank: 512 }, 'MMMMMM'],
    ['compression', { compress_ratios: [0, 4, 128, 4, 128, 4, 0] }, 'W4H4H4'],
    [
      'counts of kinds',
      { sliding_window: 64, layer_types_count: { sliding_attention: 4, full_attention: 2 } },
      'SSFSSF',
    ],
  ])('knows the layers from %s', (_what, fields, expected) => {
    expect(letters(fields)).toBe(expected);
  });

  it('adds the token itself to the window of Cohere', () => {
    expect(read({ model_type: 'cohere2', sliding_window: 4096 }).sliding?.window).toBe(4097);
  });

  it('gives Gemma 4 other heads on full layers, and a full layer at the end', () => {
    const fields = { model_type: 'gemma4_text', num_hidden_layers: 8, sliding_window: 1024, head_dim: 256 };
    const geometry = read({ ...fields, global_head_dim: 512, num_global_key_value_heads: 4 });
    expect(geometry.sliding).toMatchObject({ kvHeads: 8, headDim: 256 });
    expect(geometry.full).toEqual({ kvHeads: 4, headDim: 512 });
    expect(expandLayers(geometry.layers).at(-1)).toBe('full');
  });

  it('finds the layers that have an indexer', () => {
    const fields = { kv_lora_rank: 512, num_hidden_layers: 78, index_topk: 2048, index_topk_freq: 4 };
    const glm = { ...fields, model_type: 'glm_moe_dsa' };
    expect(read(glm).mla?.indexer).toMatchObject({ layers: 21, frequency: 4, offset: 2 });
    expect(read({ ...glm, index_skip_topk_offset: 3 }).mla?.indexer).toMatchObject({ layers: 21, offset: 3 });
    expect(read({ ...fields, index_topk_freq: 1 }).mla?.indexer?.layers).toBe(78);
    expect(read({ ...fields, num_hidden_layers: 4, index_topk_pattern: 'FSSF' }).mla?.indexer).toMatchObject({
      layers: 2,
      pattern: 'FSSF',
    });
  });

  it('reads experts, shared ones and leading dense layers', () => {
    const fields = { n_routed_experts: 256, num_experts_per_tok: 8, moe_intermediate_size: 2048 };
    expect(read({ ...fields, n_shared_experts: 1, first_k_dense_replace: 3 }).moe).toEqual({
      experts: 256,
      topK: 8,
      intermediateSize: 2048,
      sharedExperts: 1,
      denseLayers: 3,
    });
  });

  it.each<[object, string]>([
    [{ hidden_size: undefined, vocab_size: undefined }, 'no hidden_size, no vocab_size'],
    [{ num_attention_heads: undefined }, 'no num_attention_heads'],
    [{ layer_types: ['full_attention', 'quantum'] }, 'layer_types[1] is "quantum"'],
    [{ layer_types: ['linear_attention'] }, 'none of the known shapes'],
  ])('tells what is wrong with %j', (fields, problem) => {
    const geometry = geometryFromConfig('SomeForCausalLM', { ...base, ...fields });
    expect('problem' in geometry ? geometry.problem : 'none').toContain(problem);
  });
});

describe('the longest context of a configuration', () => {
  it('stands in one of several fields, and is 2,048 where it does not stand', () => {
    expect(contextFromConfig({ text_config: { max_position_embeddings: 131072 } })).toBe(131072);
    expect(contextFromConfig({ n_positions: 1024 })).toBe(1024);
    expect(contextFromConfig({})).toBe(2048);
  });

  it('is the shortest of them', () => {
    expect(contextFromConfig({ max_position_embeddings: 8192, seq_length: 2048 })).toBe(2048);
    expect(contextFromConfig({ max_position_embeddings: 8192, model_max_length: 131072 })).toBe(131072);
  });

  it('is stretched unless the length is that after stretching', () => {
    const stretched = (rope_scaling: object, model_type = 'llama'): number =>
      contextFromConfig({ model_type, max_position_embeddings: 8192, rope_scaling });
    expect(stretched({ rope_type: 'dynamic', factor: 2 })).toBe(16384);
    expect(stretched({ type: 'yarn', factor: 4 })).toBe(8192);
    expect(stretched({ rope_type: 'linear', factor: 8 }, 'gemma3_text')).toBe(8192);
    expect(stretched({ full_attention: { rope_type: 'linear', factor: 2 }, sliding_attention: {} })).toBe(
      16384,
    );
  });

  it('begins with what a model stretched by LongRoPE was trained on, and ends with the limit', () => {
    const phi = {
      max_position_embeddings: 131072,
      original_max_position_embeddings: 4096,
      rope_scaling: { type: 'longrope' },
    };
    expect(contextFromConfig(phi)).toBe(4096);
    expect(contextLimit(phi)).toBe(131072);
  });
});

describe('the type of activations', () => {
  it('is bfloat16 unless the configuration says float16', () => {
    expect(['float16', 'float32', undefined].map((torch_dtype) => dtypeFromConfig({ torch_dtype }))).toEqual([
      'float16',
      'bfloat16',
      'bfloat16',
    ]);
  });
});

function gdn(): object {
  return { linear_num_key_heads: 16, linear_num_value_heads: 32 };
}

function mamba2(): object {
  return { mamba_num_heads: 64, mamba_head_dim: 64, ssm_state_size: 128, n_groups: 8 };
}
