import { numberField, record, textField, type ModelConfig } from '../../catalog/config-fields';
import { contextFromConfig, dtypeFromConfig, geometryFromConfig } from '../../catalog/geometry-from-config';
import { batchLimits } from '../gpu-defaults';
import { tensorParallelProblem } from '../parallel/tensor-parallel';
import { kvCacheCapacity, type KvCacheCapacity, type KvCacheShortage } from './capacity';
import { groupBlocks, kvCacheLayout, layoutOf, type KvCacheLayout } from './layout';
import { VLLM_SPEC_CLASS, type LayerCache, type LayerSpec } from './layer-spec';
import type { KvCacheSettings } from './settings';

const GIB = 2 ** 30;

/** GPUs by the short names that test vectors use: compute capability and memory as the driver reports it (rounded). */
const GPUS: Readonly<Record<string, { readonly computeCapability: number; readonly memoryGib: number }>> = {
  a10: { computeCapability: 8.6, memoryGib: 22 },
  a10g: { computeCapability: 8.6, memoryGib: 22 },
  a100: { computeCapability: 8, memoryGib: 79 },
  l4: { computeCapability: 8.9, memoryGib: 22 },
  l40s: { computeCapability: 8.9, memoryGib: 44 },
  h100: { computeCapability: 9, memoryGib: 79 },
  h200: { computeCapability: 9, memoryGib: 139 },
  gh200: { computeCapability: 9, memoryGib: 94 },
  b200: { computeCapability: 10, memoryGib: 178 },
  gb200: { computeCapability: 10, memoryGib: 184 },
  b300: { computeCapability: 10.3, memoryGib: 268 },
  rtxpro6000: { computeCapability: 12, memoryGib: 95 },
};

/** A model given as its configuration, or as bare layers, with the engine's arguments in vLLM's spelling. */
export interface ConfigInput {
  readonly architecture?: string;
  /** Fields of `config.json`. */
  readonly geometry?: ModelConfig;
  /** Layers given one by one, in place of a configuration. */
  readonly layers?: readonly ModelConfig[];
  readonly tp?: number;
  readonly pp?: number;
  /** `auto` finds the longest; absent or null takes the model's own limit. */
  readonly max_model_len?: number | 'auto' | null;
  readonly auto?: boolean;
  readonly engine_args?: ModelConfig;
}

/** The cache of a model on one pipeline stage, as vLLM reports it. */
export interface ConfigCapacity extends KvCacheCapacity {
  /** The limit before the context was fitted to the memory. */
  readonly contextLimit: number;
  readonly bytesPerBlock: readonly number[];
  /** Groups of the first stage. */
  readonly groups: readonly {
    readonly spec: string;
    readonly layers: number;
    readonly blockSize: number;
    readonly pageBytes: number;
    /** Blocks that a request of `maxContext` tokens holds. */
    readonly blocks: number;
  }[];
}

/**
 * vLLM's KV cache of a model that is given as its `config.json`: the arithmetic of vLLM 0.32 from given bytes.
 *
 * @param input - configuration, parallelism and engine arguments
 * @param gpu - short name, such as `h100`
 * @param availableBytes - bytes for the cache on each GPU
 * @returns the capacity; a shortage when not one request fits; or why vLLM would not start
 */
export function kvCacheFromConfig(
  input: ConfigInput,
  gpu: string,
  availableBytes: number,
): ConfigCapacity | KvCacheShortage | { problem: string } {
  const contextLimit = contextLimitOf(input);
  const settings = settingsFrom(input, gpu, contextLimit);
  if ('problem' in settings) return settings;
  const built = input.layers ? layoutFromLayers(input.layers, settings) : layoutFromConfig(input, settings);
  if ('problem' in built) return built;
  const override = numberField(input.engine_args ?? {}, 'num_gpu_blocks_override');
  const capacity = kvCacheCapacity(built, {
    availableBytes: built.stages.map((stage) =>
      override === undefined ? availableBytes : override * stage.bytesPerBlock,
    ),
    context:
      input.max_model_len === 'auto' || input.max_model_len === -1 || input.auto === true
        ? 'auto'
        : contextLimit,
    contextLimit,
  });
  if ('stages' in capacity) return capacity;
  return {
    ...capacity,
    contextLimit,
    bytesPerBlock: built.stages.map((stage) => stage.bytesPerBlock),
    groups: (built.stages[0]?.groups ?? []).map((group) => {
      const spec = group.spec ?? group.caches[0]?.spec;
      return {
        spec: spec ? VLLM_SPEC_CLASS[spec.kind] : '',
        layers: group.caches.length,
        blockSize: spec?.blockSize ?? 0,
        pageBytes: spec?.pageBytes ?? 0,
        blocks: groupBlocks(group, capacity.maxContext, settings),
      };
    }),
  };
}

/** Context of bare layers that name none, in tokens. */
const DEFAULT_CONTEXT = 131072;

function contextLimitOf(input: ConfigInput): number {
  if (typeof input.max_model_len === 'number' && input.max_model_len > 0) return input.max_model_len;
  return input.geometry ? contextFromConfig(input.geometry) : DEFAULT_CONTEXT;
}

function settingsFrom(
  input: ConfigInput,
  gpu: string,
  contextLimit: number,
): KvCacheSettings | { problem: string } {
  const facts = gpuNamed(gpu);
  if (!facts) return { problem: `gpu "${gpu}" is not known; known are ${Object.keys(GPUS).join(', ')}` };
  const engine = input.engine_args ?? {};
  const speculative = record(engine['speculative_config']);
  const cacheDtype =
    textField(engine, 'kv_cache_dtype') ?? defaultCacheDtype(input.architecture, facts.computeCapability);
  const blockSize = numberField(engine, 'block_size');
  const prefixCaching = engine['enable_prefix_caching'];
  const contextParallel = numberField(engine, 'decode_context_parallel_size');
  return {
    architecture: input.architecture ?? '',
    tensorParallel: input.tp ?? numberField(engine, 'tensor_parallel_size') ?? 1,
    pipelineParallel: input.pp ?? numberField(engine, 'pipeline_parallel_size') ?? 1,
    computeCapability: facts.computeCapability,
    maxBatchedTokens:
      numberField(engine, 'max_num_batched_tokens') ??
      batchLimits({ memoryBytes: facts.memoryGib * GIB, model: gpu }).tokens,
    elementBytes: dtypeFromConfig(input.geometry ?? {}) === 'float32' ? 4 : 2,
    contextLimit,
    hybridManager: engine['disable_hybrid_kv_cache_manager'] !== true,
    draftTokens: (speculative && numberField(speculative, 'num_speculative_tokens')) ?? 0,
    asyncScheduling:
      engine['async_scheduling'] !== false &&
      !DRAFTS_IN_STEP.has(textField(speculative ?? {}, 'method') ?? ''),
    ...(cacheDtype === undefined ? {} : { cacheDtype }),
    ...(blockSize === undefined ? {} : { blockSize }),
    ...(typeof prefixCaching === 'boolean' ? { prefixCaching } : {}),
    ...(contextParallel === undefined ? {} : { decodeContextParallel: contextParallel }),
  };
}

/** Ways of drafting with which vLLM 0.32 schedules one batch after the other. */
const DRAFTS_IN_STEP: ReadonlySet<string> = new Set(['ngram', 'suffix', 'medusa', 'mlp_speculator']);

/** The GPU whose name `gpu` begins with, as in `a100-80gb`; the longest of them. */
function gpuNamed(gpu: string): (typeof GPUS)[string] | undefined {
  const name = gpu.toLowerCase().replace(/[^a-z0-9]/g, '');
  const [longest] = Object.keys(GPUS)
    .filter((known) => name.startsWith(known))
    .sort((a, b) => b.length - a.length);
  return longest === undefined ? undefined : GPUS[longest];
}

/** GLM's sparse models keep an 8-bit cache on Blackwell unless told otherwise (vLLM 0.32, models/config.py). */
export function defaultCacheDtype(
  architecture: string | undefined,
  computeCapability: number,
): string | undefined {
  return architecture === 'GlmMoeDsaForCausalLM' && Math.floor(computeCapability) === 10
    ? 'fp8_e4m3'
    : undefined;
}

function layoutFromConfig(
  input: ConfigInput,
  settings: KvCacheSettings,
): KvCacheLayout | { problem: string } {
  const geometry = geometryFromConfig(settings.architecture, input.geometry ?? {});
  if ('problem' in geometry) return geometry;
  const problem = tensorParallelProblem(geometry, settings.tensorParallel);
  return problem === null ? kvCacheLayout(geometry, settings) : { problem };
}

function layoutFromLayers(
  layers: readonly ModelConfig[],
  settings: KvCacheSettings,
): KvCacheLayout | { problem: string } {
  const caches: LayerCache[] = [];
  for (const fields of layers) {
    const spec = specOf(fields);
    if ('problem' in spec) return spec;
    for (let copy = 0; copy < (numberField(fields, 'count') ?? 1); copy++)
      caches.push({ layer: caches.length, spec });
  }
  return layoutOf(caches, settings);
}

function specOf(fields: ModelConfig): LayerSpec | { problem: string } {
  const type = textField(fields, 'type') ?? '';
  const heads = numberField(fields, 'num_kv_heads') ?? 1;
  const keyDim = numberField(fields, 'head_size') ?? 0;
  const valueDim = numberField(fields, 'head_size_v') ?? (type === 'mla' ? 0 : keyDim);
  const blockSize = numberField(fields, 'block_size') ?? 16;
  const element = numberField(fields, 'dtype_bytes') ?? 2;
  const spec = {
    shape: `${heads}x${keyDim}+${valueDim}x${element}`,
    blockSize,
    pageBytes: blockSize * heads * (keyDim + valueDim) * element,
  };
  switch (type) {
    case 'full':
    case 'mla':
      return { kind: type, ...spec };
    case 'sliding':
      return { kind: type, ...spec, window: numberField(fields, 'sliding_window') ?? 0 };
    case 'chunked':
      return { kind: type, ...spec, chunk: numberField(fields, 'attention_chunk_size', 'chunk_size') ?? 0 };
    default:
      return { problem: `layers of type "${type}" are not known; known are full, mla, sliding, chunked` };
  }
}
