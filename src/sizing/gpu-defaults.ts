/** Facts about a GPU that vLLM's defaults hang on. */
export interface GpuFacts {
  /** What the driver reports as its memory, in bytes. */
  readonly memoryBytes: number;
  /** Name as in the machine list, such as `A100 80GB`. */
  readonly model: string;
}

/** Batch limits of vLLM's API server. */
export interface BatchLimits {
  /** `max_num_batched_tokens`: tokens of one forward pass. */
  readonly tokens: number;
  /** `max_num_seqs`: sequences of one forward pass. */
  readonly sequences: number;
}

const GIB = 2 ** 30;

/**
 * The limits that vLLM 0.32's API server sets for a GPU (`EngineArgs.get_batch_defaults`): large GPUs take large
 * batches, the A100 does not gain from them.
 */
export function batchLimits(gpu: GpuFacts): BatchLimits {
  if (gpu.memoryBytes >= 160 * GIB) return { tokens: 16384, sequences: 1024 };
  if (gpu.memoryBytes >= 70 * GIB && !/a100/i.test(gpu.model)) return { tokens: 8192, sequences: 1024 };
  return { tokens: 2048, sequences: 256 };
}
