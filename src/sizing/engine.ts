import type { BatchLimits } from './gpu-defaults';

/** Kinds of CUDA graphs that vLLM 0.32 captures. */
export const GRAPH_MODES = ['NONE', 'PIECEWISE', 'FULL', 'FULL_DECODE_ONLY', 'FULL_AND_PIECEWISE'] as const;
/** One of `GRAPH_MODES`. */
export type GraphMode = (typeof GRAPH_MODES)[number];

/** Options of vLLM's engine that change what a GPU holds, beside those that a placement decides. */
export interface EngineOptions {
  /** `--max-num-batched-tokens`. @default vLLM's for the GPU */
  readonly maxBatchedTokens?: number;
  /** `--max-num-seqs`. @default vLLM's for the GPU */
  readonly maxSequences?: number;
  /** `--performance-mode throughput`: defaults of both are doubled. @default false */
  readonly doubledBatches?: boolean;
  /** `--enable-chunked-prefill`; false: a batch holds a whole request. @default true */
  readonly chunkedPrefill?: boolean;
  /** `--kv-cache-dtype`. @default the model's own */
  readonly cacheDtype?: string;
  /** `--block-size`, in tokens. @default vLLM's choice */
  readonly blockSize?: number;
  /** `--enable-prefix-caching`. @default true, and false for models without attention */
  readonly prefixCaching?: boolean;
  /** False: `--disable-hybrid-kv-cache-manager`. @default true */
  readonly hybridManager?: boolean;
  /** `--async-scheduling`. @default true */
  readonly asyncScheduling?: boolean;
  /** GPUs that share a sequence's tokens: `--decode-context-parallel-size`. @default 1 */
  readonly decodeContextParallel?: number;
  /** `--enforce-eager`: no CUDA graphs. @default false */
  readonly eager?: boolean;
  /** Which graphs are captured: `cudagraph_mode` of `--compilation-config`. @default `FULL_AND_PIECEWISE` */
  readonly graphs?: GraphMode;
  /** Largest batch that is captured, in tokens. @default vLLM's */
  readonly largestCapture?: number;
  /** Every batch that is captured, in tokens. @default vLLM's choice up to `largestCapture` */
  readonly captureSizes?: readonly number[];
  /** `--performance-mode interactivity`: small batches are captured one by one. @default false */
  readonly fineCaptures?: boolean;
  /** Tokens that speculative decoding drafts for each sequence. @default 0 */
  readonly draftTokens?: number;
  /** `--language-model-only`, or no image and no video in a prompt: the image encoder is not loaded. @default false */
  readonly textOnly?: boolean;
}

/**
 * The limits of a batch (vLLM 0.32, `EngineArgs._set_default_max_num_seqs_and_batched_tokens_args`): the options, else the
 * GPU's defaults, which throughput doubles, which hold a whole request without chunked prefill and no more than all
 * sequences have.
 */
export function limitsWith(defaults: BatchLimits, engine: EngineOptions, contextLength: number): BatchLimits {
  const factor = engine.doubledBatches === true ? 2 : 1;
  const sequences = engine.maxSequences ?? defaults.sequences * factor;
  const usual = defaults.tokens * factor;
  const whole = engine.chunkedPrefill === false ? Math.max(contextLength, usual) : usual;
  const tokens = engine.maxBatchedTokens ?? Math.min(whole, sequences * contextLength);
  return { tokens, sequences: engine.maxSequences ?? Math.min(sequences, tokens) };
}
