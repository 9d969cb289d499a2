import type { Geometry } from '../../catalog/model';
import type { BatchLimits } from '../gpu-defaults';

/** Bytes per entry of a block table, per counted token, and per word of 32 marks. */
const WORD_BYTES = 4;

/** Bytes per element of activations. */
const ACTIVATION_BYTES = 2;

/** Bytes per element of the rotary table of sines and cosines. */
const ROTARY_BYTES = 4;

/** Dimensions that rotary embedding turns where a layer does not say: those of a usual head. */
const ROTARY_DIMENSIONS = 128;

/**
 * Buffers that vLLM keeps for its lifetime beside weights and cache, in bytes of one GPU: the rotary table, the inputs of
 * one batch, and on the last stage what the sampler counts. An estimate of what vLLM measures with the weights.
 */
export function bufferBytes(
  geometry: Geometry,
  limits: BatchLimits,
  contextLimit: number,
  isLastStage: boolean,
): number {
  const rotary = contextLimit * (geometry.mla?.qkRopeHeadDim ?? ROTARY_DIMENSIONS) * ROTARY_BYTES;
  const inputs = limits.tokens * geometry.hiddenSize * ACTIVATION_BYTES;
  return rotary + inputs + (isLastStage ? samplerBytes(geometry.vocabSize, limits.sequences) : 0);
}

/**
 * How often each sequence has had each token, for penalties, and two marks for each: whether it stands in the prompt, and
 * whether a grammar allows it. vLLM 0.32 has them from the start, used or not (v1/worker/gpu: sample/penalties.py,
 * structured_outputs.py); 242.5 MiB were measured for 256 sequences of Qwen3.5's vocabulary (vllm-project/vllm#52718).
 */
function samplerBytes(vocabulary: number, sequences: number): number {
  const marks = Math.ceil(vocabulary / 32);
  return sequences * (vocabulary + 2 * marks) * WORD_BYTES;
}

/**
 * Tables of blocks, in bytes of one GPU: two for each group of layers. They are made after the cache was measured out, so
 * that they take from what vLLM leaves alone (vLLM 0.32, v1/worker/gpu/block_table.py).
 */
export function blockTableBytes(
  groups: readonly { readonly blockSize: number }[],
  sequences: number,
  contextLimit: number,
): number {
  return groups.reduce(
    (sum, { blockSize }) => sum + 2 * sequences * Math.ceil(contextLimit / blockSize) * WORD_BYTES,
    0,
  );
}
