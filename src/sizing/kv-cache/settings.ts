/** What decides vLLM's cache layout beside the model: the engine's arguments and the GPU. */
export interface KvCacheSettings {
  /** vLLM's model class, such as `Gemma4ForConditionalGeneration`. */
  readonly architecture: string;
  readonly tensorParallel: number;
  readonly pipelineParallel: number;
  /** GPUs that share a sequence's tokens among them in decoding. @default 1 */
  readonly decodeContextParallel?: number;
  /** CUDA compute capability; it chooses the attention kernels and with them the block size. */
  readonly computeCapability: number;
  /** `max_num_batched_tokens`. */
  readonly maxBatchedTokens: number;
  /** `--kv-cache-dtype`. @default `auto`, the model's own type */
  readonly cacheDtype?: string;
  /** Bytes per element of the model's type. @default 2 */
  readonly elementBytes?: number;
  /** Bytes per element of the convolution's tail in a state (`--mamba-cache-dtype`). @default `elementBytes` */
  readonly stateTailElementBytes?: number;
  /** `--block-size`. @default vLLM's choice */
  readonly blockSize?: number;
  /** @default true, and false for models without attention */
  readonly prefixCaching?: boolean;
  /** False gives sliding and chunked layers as many blocks as full ones. @default true */
  readonly hybridManager?: boolean;
  /** Tokens drafted by speculative decoding. @default 0 */
  readonly draftTokens?: number;
  /** @default true */
  readonly asyncScheduling?: boolean;
  /** Longest request, in tokens: without prefix caching, a state's block spans all of it. */
  readonly contextLimit?: number;
}

/**
 * Tokens that may be scheduled and not yet settled: sliding and chunked layers hold blocks for them. One batch for each
 * pipeline stage, one more with asynchronous scheduling (vLLM 0.32, `VllmConfig.max_in_flight_tokens`).
 */
export function maxInFlightTokens(settings: KvCacheSettings): number {
  const batches = settings.pipelineParallel + (settings.asyncScheduling === false ? 0 : 1);
  return batches * settings.maxBatchedTokens;
}
