import { contextFromConfig } from '../../catalog/config-context';
import { geometryFromConfig } from '../../catalog/geometry-from-config';
import { tensorParallelProblem } from '../parallel/tensor-parallel';
import { attentionProblem } from './attention-kernels';
import { kvCacheCapacity, type KvCacheCapacity, type KvCacheShortage } from './capacity';
import type { ConfigInput } from './config-input';
import { encoderDecoderCaches, isEncoderDecoder } from './encoder-decoder';
import { settingsFrom, stateTypeFields } from './engine-arguments';
import { layoutFromLayers } from './given-layers';
import { groupBlocks, kvCacheLayout, layoutOf, type KvCacheLayout } from './layout';
import { VLLM_SPEC_CLASS } from './layer-spec';
import type { KvCacheSettings } from './settings';

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
  const override = input.engine_args?.['num_gpu_blocks_override'];
  const capacity = kvCacheCapacity(built, {
    availableBytes: built.stages.map((stage) =>
      typeof override === 'number' ? override * stage.bytesPerBlock : availableBytes,
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

function layoutFromConfig(
  input: ConfigInput,
  settings: KvCacheSettings,
): KvCacheLayout | { problem: string } {
  const config = input.geometry ?? {};
  if (isEncoderDecoder(config)) {
    const caches = encoderDecoderCaches(config, settings);
    return 'problem' in caches ? caches : layoutOf(caches, settings);
  }
  const geometry = geometryFromConfig(settings.architecture, {
    ...config,
    ...stateTypeFields(input.engine_args ?? {}, config),
  });
  if ('problem' in geometry) return geometry;
  const problem =
    attentionProblem(geometry, settings.computeCapability) ??
    tensorParallelProblem(geometry, settings.tensorParallel);
  return problem === null ? kvCacheLayout(geometry, settings) : { problem };
}
