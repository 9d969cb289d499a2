import { listField, numberField, record, textField, textFields, type ModelConfig } from './config-fields';
import { layerKinds, slidingWindow } from './config-layer-kinds';
import { stateLayers } from './config-state-layers';
import { compressLayers } from './layers';
import type {
  AttentionLayer,
  CompressedAttention,
  Geometry,
  LayerKind,
  MixtureOfExperts,
  MlaLayer,
  Model,
  SparseIndexer,
  VisionTower,
} from './model';

/** Architectures that have a latent projection, but cache plain keys and values in vLLM 0.32. */
const PLAIN_LATENT: ReadonlySet<string> = new Set(['MiniCPM3ForCausalLM']);

/** `index_skip_topk_offset` where a configuration has none (vLLM 0.32, deepseek_v2.py). */
const DEFAULT_INDEXER_OFFSET = 2;

/**
 * The shape of a network from its `config.json`, as vLLM 0.32 reads it.
 *
 * @param architecture - the first of `architectures`, such as `LlamaForCausalLM`
 * @param config - the parsed file; a multimodal model's text section is found by itself
 * @returns the geometry, or what is missing or not understood
 */
export function geometryFromConfig(
  architecture: string,
  config: Readonly<Record<string, unknown>>,
): Geometry | { problem: string } {
  const text = withSections(textFields(config));
  const hiddenSize = numberField(text, 'hidden_size', 'n_embd', 'd_model');
  const layerCount = attentionLayers(text);
  const vocabSize = numberField(text, 'vocab_size', 'padded_vocab_size');
  if (!hiddenSize || !layerCount || !vocabSize) {
    const missing = Object.entries({
      hidden_size: hiddenSize,
      num_hidden_layers: layerCount,
      vocab_size: vocabSize,
    })
      .filter(([, value]) => !value)
      .map(([name]) => name);
    return { problem: `config.json of ${architecture} has no ${missing.join(', no ')}` };
  }
  const heads = numberField(text, 'num_attention_heads', 'n_head', 'n_heads') ?? 0;
  const mla = PLAIN_LATENT.has(architecture) ? undefined : latentAttention(text, layerCount);
  const kinds = layerKinds(text, layerCount, mla ? 'mla' : 'full');
  if ('problem' in kinds) return kinds;
  const has = (kind: LayerKind): boolean => kinds.includes(kind);
  if (heads === 0 && kinds.some((kind) => kind !== 'linear' && kind !== 'mlp')) {
    return { problem: `config.json of ${architecture} has no num_attention_heads` };
  }
  const linear = has('linear') || has('parallel') ? stateLayers(text, dtypeFromConfig(config)) : undefined;
  if (linear && 'problem' in linear) return linear;
  const compressed = has('csa') || has('hca') || has('window') ? compressedAttention(text) : undefined;
  const plainLatent = PLAIN_LATENT.has(architecture) ? wholeHeads(text, heads) : undefined;
  const window = slidingWindow(text);
  const chunk = numberField(text, 'attention_chunk_size');
  const perLayer = numberField(text, 'hidden_size_per_layer_input');
  return {
    hiddenSize,
    // Llama 4 names the width of its dense layers apart from that of its experts.
    intermediateSize:
      numberField(
        text,
        'intermediate_size_mlp',
        'intermediate_size',
        'ffn_hidden_size',
        'n_inner',
        'ffn_dim',
      ) ?? null,
    attentionHeads: heads,
    vocabSize,
    tieWordEmbeddings: config['tie_word_embeddings'] === true || text['tie_word_embeddings'] === true,
    layers: compressLayers(kinds),
    ...(has('full') || has('parallel')
      ? { full: plainLatent ?? attentionLayer(text, hiddenSize, heads, 'full') }
      : {}),
    ...(has('sliding')
      ? { sliding: { ...attentionLayer(text, hiddenSize, heads, 'sliding'), window: window ?? 0 } }
      : {}),
    ...(has('chunked')
      ? { chunked: { ...attentionLayer(text, hiddenSize, heads, 'full'), chunk: chunk ?? 8192 } }
      : {}),
    ...(mla && has('mla') ? { mla } : {}),
    ...(linear ? { linear } : {}),
    ...(compressed ? { compressed } : {}),
    kvSharedLayers: numberField(text, 'num_kv_shared_layers') ?? (isGemma3n(text) ? 15 : 0),
    moe: mixtureOfExperts(text),
    vision: visionTower(config),
    ...(perLayer
      ? {
          perLayerEmbedding: {
            vocabSize: numberField(text, 'vocab_size_per_layer_input') ?? vocabSize,
            size: perLayer,
          },
        }
      : {}),
    mtpLayers: numberField(text, 'num_nextn_predict_layers', 'mtp_num_hidden_layers', 'num_mtp_modules') ?? 0,
  };
}

/** The type of activations that vLLM 0.32 chooses for `--dtype auto`: float32 checkpoints run in bfloat16. */
export function dtypeFromConfig(config: ModelConfig): Model['dtype'] {
  const name = textField(textFields(config), 'dtype', 'torch_dtype');
  return name === 'float16' ? 'float16' : 'bfloat16';
}

/** DBRX keeps the fields of attention and experts in sections of their own. */
function withSections(text: ModelConfig): ModelConfig {
  return { ...record(text['attn_config']), ...record(text['ffn_config']), ...text };
}

/** Layers that attend; LongCat's have two attention blocks each, and `num_layers` counts the layers. */
function attentionLayers(text: ModelConfig): number | undefined {
  const pairs = (textField(text, 'model_type') ?? '').startsWith('longcat_flash')
    ? numberField(text, 'num_layers')
    : undefined;
  return pairs ? 2 * pairs : numberField(text, 'num_hidden_layers', 'n_layer', 'num_layers', 'n_layers');
}

/** Keys and values of one kind of layer. Gemma 4 has other heads on its full layers, MiMo on its sliding ones. */
function attentionLayer(
  text: ModelConfig,
  hiddenSize: number,
  heads: number,
  kind: 'full' | 'sliding',
): AttentionLayer {
  const kvHeads = keyValueHeads(text, heads);
  const headDim = numberField(text, 'head_dim', 'attention_head_dim', 'kv_channels') ?? hiddenSize / heads;
  const valueHeadDim = numberField(text, 'v_head_dim');
  const common = { kvHeads, headDim, ...(valueHeadDim && valueHeadDim !== headDim ? { valueHeadDim } : {}) };
  if (kind === 'sliding') {
    const swaValue = numberField(text, 'swa_v_head_dim');
    const swaDim = numberField(text, 'swa_head_dim');
    if (swaDim === undefined) return common;
    return {
      kvHeads: numberField(text, 'swa_num_key_value_heads') ?? kvHeads,
      headDim: swaDim,
      ...(swaValue && swaValue !== swaDim ? { valueHeadDim: swaValue } : {}),
    };
  }
  const globalDim = numberField(text, 'global_head_dim');
  if (globalDim === undefined) return common;
  return { kvHeads: numberField(text, 'num_global_key_value_heads') ?? kvHeads, headDim: globalDim };
}

/** Keys of both parts of a head; values are padded to the same (vLLM 0.32, minicpm3.py). */
function wholeHeads(text: ModelConfig, heads: number): AttentionLayer {
  const headDim = (numberField(text, 'qk_nope_head_dim') ?? 0) + (numberField(text, 'qk_rope_head_dim') ?? 0);
  return { kvHeads: heads, headDim };
}

function keyValueHeads(text: ModelConfig, heads: number): number {
  const named = numberField(
    text,
    'num_key_value_heads',
    'num_kv_heads',
    'multi_query_group_num',
    'num_attention_groups',
    'kv_n_heads',
    'n_head_kv',
  );
  // Falcon names the groups of its new decoder, and means one head where it says multi-query.
  if (text['multi_query'] === true && text['new_decoder_architecture'] !== true) {
    return numberField(text, 'multi_query_group_num') ?? 1;
  }
  return named ?? heads;
}

function latentAttention(text: ModelConfig, layers: number): MlaLayer | undefined {
  const kvLoraRank = numberField(text, 'kv_lora_rank');
  if (!kvLoraRank) return undefined;
  const indexer = sparseIndexer(text, layers);
  return {
    kvLoraRank,
    qkRopeHeadDim: numberField(text, 'qk_rope_head_dim') ?? 64,
    qkNopeHeadDim: numberField(text, 'qk_nope_head_dim') ?? 128,
    vHeadDim: numberField(text, 'v_head_dim') ?? 128,
    qLoraRank: numberField(text, 'q_lora_rank') ?? null,
    ...(indexer ? { indexer } : {}),
  };
}

function sparseIndexer(text: ModelConfig, layers: number): SparseIndexer | undefined {
  const topK = numberField(text, 'index_topk');
  if (!topK) return undefined;
  const pattern = textField(text, 'index_topk_pattern');
  const frequency = numberField(text, 'index_topk_freq') ?? 1;
  const offset = numberField(text, 'index_skip_topk_offset') ?? DEFAULT_INDEXER_OFFSET;
  const indexed = Array.from({ length: layers }, (_, layer) =>
    pattern ? pattern[layer] !== 'S' : Math.max(layer - offset + 1, 0) % frequency === 0,
  );
  return {
    heads: numberField(text, 'index_n_heads') ?? 64,
    headDim: numberField(text, 'index_head_dim') ?? 128,
    topK,
    layers: indexed.filter(Boolean).length,
    ...(pattern ? { pattern } : frequency > 1 ? { frequency, offset } : {}),
  };
}

/** DeepSeek-V4; the bytes of an entry are those of vLLM's fp8 layout (models/deepseek_v4/attention.py). */
function compressedAttention(text: ModelConfig): CompressedAttention {
  const latentDim = numberField(text, 'head_dim') ?? 512;
  const qkRopeHeadDim = numberField(text, 'qk_rope_head_dim') ?? 64;
  return {
    latentDim,
    window: numberField(text, 'sliding_window') ?? 128,
    csaRatio: 4,
    hcaRatio: 128,
    indexerHeadDim: numberField(text, 'index_head_dim') ?? 128,
    indexerHeads: numberField(text, 'index_n_heads') ?? 64,
    qLoraRank: numberField(text, 'q_lora_rank') ?? 1024,
    oLoraRank: numberField(text, 'o_lora_rank') ?? 1024,
    oGroups: numberField(text, 'o_groups') ?? 8,
    qkRopeHeadDim,
    bytesPerEntry: latentDim - qkRopeHeadDim + 2 * qkRopeHeadDim + 8,
  };
}

function mixtureOfExperts(text: ModelConfig): MixtureOfExperts | null {
  const experts = numberField(
    text,
    'num_experts',
    'n_routed_experts',
    'num_local_experts',
    'moe_num_experts',
  );
  if (!experts || experts < 2) return null;
  const shared = numberField(
    text,
    'shared_expert_intermediate_size',
    'moe_shared_expert_intermediate_size',
    'share_expert_dim',
  );
  const denseLayers = leadingDenseLayers(text);
  const latentSize = numberField(text, 'moe_latent_size');
  const modelType = textField(text, 'model_type') ?? '';
  return {
    experts,
    topK:
      numberField(
        text,
        'num_experts_per_tok',
        'num_experts_per_token',
        'moe_topk',
        'moe_k',
        'moe_top_k',
        'top_k_experts',
        'experts_per_token',
      ) ?? 1,
    intermediateSize:
      numberField(
        text,
        'moe_intermediate_size',
        'expert_intermediate_size',
        'expert_ffn_hidden_size',
        'intermediate_size',
        'ffn_hidden_size',
      ) ?? 0,
    sharedExperts:
      numberField(text, 'n_shared_experts', 'num_shared_experts', 'moe_num_shared_experts') ??
      (shared || modelType.startsWith('llama4') ? 1 : 0),
    ...(shared ? { sharedIntermediateSize: shared } : {}),
    ...(denseLayers ? { denseLayers } : {}),
    ...(modelType.startsWith('gemma4') ? { besideDense: true } : {}),
    ...(latentSize ? { latentSize } : {}),
  };
}

/** MiMo marks each layer, 1 for experts; others give a number or the layers' indices. */
function leadingDenseLayers(text: ModelConfig): number {
  const marks = listField(text, 'moe_layer_freq');
  if (marks) {
    const first = marks.findIndex((mark) => mark !== 0);
    return first === -1 ? marks.length : first;
  }
  return (
    numberField(text, 'first_k_dense_replace', 'moe_layer_start_index') ??
    listField(text, 'mlp_only_layers')?.length ??
    0
  );
}

function visionTower(config: ModelConfig): VisionTower | null {
  const vision = record(config['vision_config']) ?? record(config['vision_encoder']);
  if (!vision) return null;
  const intermediateSize = numberField(vision, 'intermediate_size', 'vt_intermediate_size');
  const patchSize = numberField(vision, 'patch_size');
  const maxImageTokens = largestImage(config, vision);
  return {
    layers: numberField(vision, 'num_hidden_layers', 'depth', 'layers', 'vt_num_hidden_layers') ?? 0,
    hiddenSize: numberField(vision, 'hidden_size', 'vt_hidden_size', 'width', 'embed_dim') ?? 0,
    ...(intermediateSize ? { intermediateSize } : {}),
    ...(patchSize ? { patchSize } : {}),
    ...(maxImageTokens ? { maxImageTokens } : {}),
  };
}

/** Families whose image processors take up to 16,777,216 pixels, at 32 x 32 for a token. */
const LARGE_IMAGES = /^qwen3(_vl|_5)/;
const LARGE_IMAGE_TOKENS = 16_384;

/** Tokens of the largest image, for families whose images may be larger than a batch; Pixtral's merge 2 x 2 patches. */
function largestImage(config: ModelConfig, vision: ModelConfig): number | undefined {
  const family = textField(config, 'model_type') ?? '';
  if (LARGE_IMAGES.test(family)) return LARGE_IMAGE_TOKENS;
  if (textField(vision, 'model_type') !== 'pixtral' && config['vision_encoder'] === undefined)
    return undefined;
  const side = numberField(vision, 'max_image_size', 'image_size') ?? 0;
  const patch = numberField(vision, 'patch_size') ?? 0;
  return patch > 0 ? Math.floor(side / (2 * patch)) ** 2 : undefined;
}

function isGemma3n(text: ModelConfig): boolean {
  return (textField(text, 'model_type') ?? '').startsWith('gemma3n');
}
