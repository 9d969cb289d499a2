/**
 * Values that transformers 5 fills in where a released `config.json` leaves them out, by `model_type`. Only families
 * whose releases rely on it.
 */
const DEFAULTS: ReadonlyMap<string, Readonly<Record<string, unknown>>> = new Map(
  Object.entries<Readonly<Record<string, unknown>>>({
    gemma: { head_dim: 256 },
    gemma2: { head_dim: 256, sliding_window: 4096 },
    gemma3_text: {
      vocab_size: 262208,
      num_attention_heads: 8,
      num_key_value_heads: 4,
      head_dim: 256,
      max_position_embeddings: 131072,
      sliding_window_pattern: 6,
    },
    // Released as a whole, Gemma 3 names its family without the suffix.
    gemma3: { sliding_window_pattern: 6 },
    gemma3n_text: { head_dim: 256, sliding_window: 512 },
    gemma4_text: { sliding_window_pattern: 6, global_head_dim: 512 },
    gemma4_unified_text: { sliding_window_pattern: 6, global_head_dim: 512 },
    diffusion_gemma_text: { sliding_window_pattern: 6, global_head_dim: 512 },
    cohere2: { sliding_window_pattern: 4 },
    gpt_oss: { head_dim: 64, sliding_window: 128 },
    llama4_text: { attention_chunk_size: 8192, no_rope_layer_interval: 4, head_dim: 128 },
    ministral3: { head_dim: 128 },
    mistral: { sliding_window: 4096 },
    qwen3: { head_dim: 128 },
    qwen3_next: { head_dim: 256, full_attention_interval: 4 },
    qwen3_5_text: { head_dim: 256, full_attention_interval: 4 },
    qwen3_5_moe_text: { head_dim: 256, full_attention_interval: 4 },
    nemotron_h: { conv_kernel: 4, n_groups: 8, ssm_state_size: 128 },
  }),
);

/** Families whose output layer shares the embedding unless the configuration says otherwise (transformers 5). */
const TIED = new Set([
  'bloom',
  'cohere',
  'cohere2',
  'ernie4_5',
  'falcon',
  'falcon_mamba',
  'gemma',
  'gemma2',
  'gemma3',
  'gemma3_text',
  'gemma3n_text',
  'gemma4_text',
  'gemma4_unified_text',
  'gpt2',
  'gpt_bigcode',
  'lfm2',
  'lfm2_moe',
  'mamba',
  'minicpm3',
  'opt',
  'smollm3',
  'starcoder2',
  'vaultgemma',
  'zamba2',
]);

/** Families whose layers these rules describe. Others are read as plain decoders, and the reader is told. */
const KNOWN = new Set([
  ...DEFAULTS.keys(),
  ...TIED,
  'apertus',
  'arcee',
  'bamba',
  'deepseek_v2',
  'deepseek_v3',
  'deepseek_v32',
  'deepseek_v4',
  'ernie4_5_moe',
  'exaone4',
  'falcon_h1',
  'glm',
  'glm4',
  'glm4_moe',
  'glm_moe_dsa',
  'granite',
  'granitemoe',
  'granitemoehybrid',
  'hunyuan_v1_dense',
  'internlm2',
  'internlm3',
  'jamba',
  'kimi_k2',
  'kimi_k25',
  'kimi_linear',
  'llama',
  'mimo',
  'mimo_v2',
  'mimo_v2_flash',
  'minimax_m2',
  'ministral',
  'mistral4',
  'mixtral',
  'nemotron',
  'olmo2',
  'olmo3',
  'olmoe',
  'phi',
  'phi3',
  'qwen2',
  'qwen2_moe',
  'qwen2_vl_text',
  'qwen2_5_vl_text',
  'qwen3_vl_text',
  'qwen3_vl_moe_text',
  'seed_oss',
  'solar',
  'stablelm',
  'step3p5',
]);

/** What transformers fills in for a family. */
export function familyDefaults(modelType: unknown): Readonly<Record<string, unknown>> {
  return (typeof modelType === 'string' ? DEFAULTS.get(modelType) : undefined) ?? {};
}

export function isKnownFamily(modelType: string): boolean {
  return KNOWN.has(modelType);
}

/** True where the output layer shares the embedding by default. */
export function tiesByDefault(modelType: string): boolean {
  return TIED.has(modelType);
}
