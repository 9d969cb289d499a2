import { numberField, record, textField, type ModelConfig } from '../../catalog/config-fields';
import { dtypeFromConfig } from '../../catalog/geometry-from-config';
import { batchLimits } from '../gpu-defaults';
import { CACHE_TYPES, defaultCacheDtype } from './cache-types';
import type { ConfigInput } from './config-input';
import { GPU_NAMES, gpuNamed, type NamedGpu } from './named-gpus';
import type { KvCacheSettings } from './settings';

/** Ways of drafting with which vLLM 0.32 schedules one batch after the other. */
export const DRAFTS_IN_STEP: ReadonlySet<unknown> = new Set(['ngram', 'suffix', 'medusa', 'mlp_speculator']);

/** What decides the layout, from the engine's arguments in vLLM's spelling and its defaults for a GPU. */
export function settingsFrom(
  input: ConfigInput,
  gpu: string,
  contextLimit: number,
): KvCacheSettings | { problem: string } {
  const facts = gpuNamed(gpu);
  if (!facts) return { problem: `gpu "${gpu}" is not known; known are ${GPU_NAMES.join(', ')}` };
  const engine = input.engine_args ?? {};
  const speculative = record(engine['speculative_config']);
  const cacheDtype =
    textField(engine, 'kv_cache_dtype') ?? defaultCacheDtype(input.architecture, facts.computeCapability);
  if (cacheDtype !== undefined && !CACHE_TYPES.includes(cacheDtype)) {
    return { problem: `kv_cache_dtype "${cacheDtype}" is not known; known are ${CACHE_TYPES.join(', ')}` };
  }
  const blockSize = numberField(engine, 'block_size');
  const prefixCaching = engine['enable_prefix_caching'];
  const contextParallel = numberField(engine, 'decode_context_parallel_size');
  const elementBytes = bytesOf(textField(engine, 'dtype') ?? dtypeFromConfig(input.geometry ?? {}));
  const tailType = textField(engine, 'mamba_cache_dtype') ?? 'auto';
  return {
    architecture: input.architecture ?? '',
    tensorParallel: input.tp ?? numberField(engine, 'tensor_parallel_size') ?? 1,
    pipelineParallel: input.pp ?? numberField(engine, 'pipeline_parallel_size') ?? 1,
    computeCapability: facts.computeCapability,
    maxBatchedTokens: batchedTokens(engine, gpu, facts, contextLimit),
    elementBytes,
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
    ...(tailType === 'auto' ? {} : { stateTailElementBytes: bytesOf(tailType) }),
  };
}

/** The type of recurrent states that the arguments ask for, as the field of a configuration that names it. */
export function stateTypeFields(engine: ModelConfig, config: ModelConfig): ModelConfig {
  const asked = textField(engine, 'mamba_ssm_cache_dtype') ?? 'auto';
  if (asked !== 'auto') return { mamba_ssm_dtype: asked };
  const tail = textField(engine, 'mamba_cache_dtype') ?? 'auto';
  const named = textField(config, 'mamba_ssm_dtype', 'mamba_ssm_cache_dtype');
  return tail === 'auto' || named !== undefined ? {} : { mamba_ssm_dtype: tail };
}

/**
 * Tokens of one batch: those that are given, else vLLM's default, which holds a whole request where prefill is not cut
 * into chunks, and no more than all sequences have.
 */
function batchedTokens(engine: ModelConfig, gpu: string, facts: NamedGpu, contextLimit: number): number {
  const given = numberField(engine, 'max_num_batched_tokens');
  if (given !== undefined) return given;
  const limits = batchLimits({ memoryBytes: facts.memoryBytes, model: gpu });
  const whole = engine['enable_chunked_prefill'] === false;
  const tokens = whole ? Math.max(contextLimit, limits.tokens) : limits.tokens;
  return Math.min(tokens, (numberField(engine, 'max_num_seqs') ?? limits.sequences) * contextLimit);
}

function bytesOf(type: string): number {
  return type === 'float32' || type === 'float' ? 4 : 2;
}
