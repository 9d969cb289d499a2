import { listField, numberField, record, textField, type ModelConfig } from './config-fields';
import type { LayerKind } from './model';

/** Names that `layer_types` and `layers_block_type` give to layers, beside those that contain `attention`. */
const KINDS_BY_NAME: ReadonlyMap<string, LayerKind> = new Map(
  Object.entries<LayerKind>({
    sliding_attention: 'sliding',
    sliding_window_attention: 'sliding',
    local_attention: 'sliding',
    chunked_attention: 'chunked',
    linear_attention: 'linear',
    mamba: 'linear',
    mamba2: 'linear',
    kda: 'linear',
    conv: 'linear',
    hybrid: 'parallel',
    mlp: 'mlp',
    moe: 'mlp',
  }),
);

/** Letters of Nemotron's `hybrid_override_pattern`. */
const KINDS_BY_LETTER: Readonly<Record<string, LayerKind>> = {
  M: 'linear',
  '*': 'full',
  '-': 'mlp',
  E: 'mlp',
};

/**
 * Every how many layers the last one attends to everything, for configurations that do not say it: the defaults of the
 * models' own classes (transformers 5.19).
 */
const FULL_EVERY: ReadonlyMap<string, number> = new Map(
  Object.entries<number>({
    gemma2: 2,
    gpt_oss: 2,
    gemma3: 6,
    gemma3_text: 6,
    gemma3n: 5,
    gemma3n_text: 5,
    gemma4: 6,
    gemma4_text: 6,
    gemma4_unified: 6,
    gemma4_unified_text: 6,
    cohere2: 4,
    exaone4: 4,
    olmo3: 4,
    llama4: 4,
    llama4_text: 4,
  }),
);

/** Models whose layers each hold attention and a state-space mixer side by side. */
const PARALLEL_MIXERS: ReadonlySet<string> = new Set(['falcon_h1']);

/** Ling 2.5 and later: the last layer of each group attends, the others keep a state. */
const STATE_GROUPS = /^bailing_(hybrid|moe_linear|moe_v3)/;

/** Models of state-space layers alone. */
const STATE_SPACE_ONLY: ReadonlySet<string> = new Set(['mamba', 'mamba2', 'falcon_mamba']);

/** Models that attend to everything below a layer, and from it on within the window: vLLM 0.32 serves either alone. */
const WINDOW_FROM_LAYER = /^qwen[23]/;

/** `max_window_layers` where a configuration has none (transformers 5.19). */
const DEFAULT_MAX_WINDOW_LAYERS = 28;

/** Each layer's kind in order; `attention` is the kind of a layer that sees the whole history (`full` or `mla`). */
export function layerKinds(
  config: ModelConfig,
  layers: number,
  attention: 'full' | 'mla',
): LayerKind[] | { problem: string } {
  const modelType = textField(config, 'model_type') ?? '';
  if (PARALLEL_MIXERS.has(modelType)) return Array<LayerKind>(layers).fill('parallel');
  const named = namedKinds(config, layers, attention);
  // What is listed beyond the network's own layers are draft layers.
  if (named) return 'problem' in named ? named : named.slice(0, layers);
  if (STATE_SPACE_ONLY.has(modelType)) return Array<LayerKind>(layers).fill('linear');
  const every = (period: number, other: LayerKind): LayerKind[] =>
    Array.from({ length: layers }, (_, index) => ((index + 1) % period === 0 ? attention : other));
  const group = numberField(config, 'layer_group_size');
  if (group && STATE_GROUPS.test(modelType)) {
    // Layers behind the last whole group attend as well.
    const grouped = Math.floor(layers / group) * group;
    return every(group, 'linear').map((kind, index) => (index >= grouped ? attention : kind));
  }
  const interval = numberField(config, 'full_attention_interval');
  if (interval) return every(interval, 'linear');
  if (modelType.startsWith('llama4')) {
    return every(numberField(config, 'no_rope_layer_interval') ?? 4, 'chunked');
  }
  const window = slidingWindow(config);
  if (window && WINDOW_FROM_LAYER.test(modelType)) return windowFromLayer(config, layers, attention);
  const pattern = slidingPeriod(config, modelType);
  if (pattern && window) return markLast(every(pattern, 'sliding'), modelType, attention);
  const counted = countedKinds(config, layers, attention);
  if (counted) return counted;
  // vLLM applies a window to every layer where `layer_types` is absent (engine/arg_utils.py).
  return Array<LayerKind>(layers).fill(window && attention === 'full' ? 'sliding' : attention);
}

/** The window that the engine applies, in tokens; undefined where there is none. */
export function slidingWindow(config: ModelConfig): number | undefined {
  const window = numberField(config, 'sliding_window', 'sliding_window_size');
  if (!window || config['use_sliding_window'] === false) return undefined;
  const modelType = textField(config, 'model_type') ?? '';
  // Qwen2 and Qwen3 leave the window out unless `use_sliding_window` is set; Cohere's includes the token itself.
  if (/^qwen[23]/.test(modelType) && config['use_sliding_window'] !== true) return undefined;
  return modelType.startsWith('cohere2') ? window + 1 : window;
}

/** Qwen's `max_window_layers`: the layers from it on slide. */
function windowFromLayer(
  config: ModelConfig,
  layers: number,
  attention: 'full' | 'mla',
): LayerKind[] | { problem: string } {
  const first = numberField(config, 'max_window_layers') ?? DEFAULT_MAX_WINDOW_LAYERS;
  if (first > 0 && first < layers) {
    return {
      problem: `max_window_layers is ${first} of ${layers} layers, and vLLM serves a window on all of them or on none`,
    };
  }
  return Array<LayerKind>(layers).fill(first === 0 ? 'sliding' : attention);
}

/** Kinds that the configuration spells out layer by layer. */
function namedKinds(
  config: ModelConfig,
  layers: number,
  attention: 'full' | 'mla',
): LayerKind[] | { problem: string } | undefined {
  const letters = textField(config, 'hybrid_override_pattern');
  if (letters)
    return mapAll(letters.split(''), (letter) => KINDS_BY_LETTER[letter], 'hybrid_override_pattern');
  const ratios = listField(config, 'compress_ratios');
  if (ratios) return mapAll(ratios.slice(0, layers), compressedKind, 'compress_ratios');
  const kda = record(config['linear_attn_config']);
  const stateLayers = kda && listField(kda, 'kda_layers');
  if (kda && stateLayers) {
    return Array.from({ length: layers }, (_, index) =>
      stateLayers.includes(index + 1) ? 'linear' : attention,
    );
  }
  // MiMo: 1 is a sliding layer.
  const hybrid = listField(config, 'hybrid_layer_pattern');
  if (hybrid) return hybrid.map((sliding) => (sliding === 1 ? 'sliding' : attention));
  // Llama 4: 0 is a layer without rotary position, which sees everything.
  const noRope = listField(config, 'no_rope_layers');
  if (noRope && numberField(config, 'attention_chunk_size')) {
    return noRope.map((rope) => (rope === 0 ? attention : 'chunked'));
  }
  // MiniMax: 0 is lightning (linear) attention.
  const types = listField(config, 'attn_type_list');
  if (types) return types.map((type) => (type === 0 ? 'linear' : attention));
  const names = listField(config, 'layer_types') ?? listField(config, 'layers_block_type');
  if (names) return mapAll(names, (name) => namedKind(name, attention), 'layer_types');
  const parallel = listField(config, 'hybrid_layer_ids');
  if (parallel) {
    return Array.from({ length: layers }, (_, index) => (parallel.includes(index) ? 'parallel' : 'linear'));
  }
  const indices = listField(config, 'attn_layer_indices') ?? listField(config, 'full_attn_idxs');
  if (indices) {
    return Array.from({ length: layers }, (_, index) => (indices.includes(index) ? attention : 'linear'));
  }
  const period = numberField(config, 'attn_layer_period');
  if (period) {
    const offset = numberField(config, 'attn_layer_offset') ?? 0;
    return Array.from({ length: layers }, (_, index) => (index % period === offset ? attention : 'linear'));
  }
  return undefined;
}

function namedKind(name: unknown, attention: 'full' | 'mla'): LayerKind | undefined {
  if (typeof name !== 'string') return undefined;
  return KINDS_BY_NAME.get(name) ?? (name.includes('attention') ? attention : undefined);
}

function compressedKind(ratio: unknown): LayerKind | undefined {
  if (ratio === 4) return 'csa';
  if (ratio === 128) return 'hca';
  return ratio === 0 || ratio === 1 ? 'window' : undefined;
}

function slidingPeriod(config: ModelConfig, modelType: string): number | undefined {
  // EXAONE writes its pattern in letters, as in `LLLG`.
  const letters = textField(config, 'sliding_window_pattern');
  return (
    letters?.length ??
    numberField(config, 'sliding_window_pattern', '_sliding_window_pattern') ??
    FULL_EVERY.get(modelType)
  );
}

/** Gemma 4's last layer always sees everything. */
function markLast(kinds: LayerKind[], modelType: string, attention: 'full' | 'mla'): LayerKind[] {
  return modelType.startsWith('gemma4') ? [...kinds.slice(0, -1), attention] : kinds;
}

/** Kinds known by their number only (`layer_types_count`), laid out evenly with a full layer at the end of each run. */
function countedKinds(
  config: ModelConfig,
  layers: number,
  attention: 'full' | 'mla',
): LayerKind[] | undefined {
  const counts = record(config['layer_types_count']);
  if (!counts) return undefined;
  const kinds = Object.keys(counts).map((name) => namedKind(name, attention));
  const other = kinds.find((kind) => kind !== undefined && kind !== attention);
  if (!other) return undefined;
  const full = Object.entries(counts).reduce(
    (sum, [name, count]) =>
      namedKind(name, attention) === attention && typeof count === 'number' ? sum + count : sum,
    0,
  );
  return Array.from({ length: layers }, (_, index) =>
    Math.floor(((index + 1) * full) / layers) > Math.floor((index * full) / layers) ? attention : other,
  );
}

function mapAll<T>(
  values: readonly T[],
  kindOf: (value: T) => LayerKind | undefined,
  field: string,
): LayerKind[] | { problem: string } {
  const kinds: LayerKind[] = [];
  for (const [index, value] of values.entries()) {
    const kind = kindOf(value);
    if (!kind)
      return { problem: `${field}[${index}] is ${JSON.stringify(value)}, a kind of layer that is not known` };
    kinds.push(kind);
  }
  return kinds;
}
