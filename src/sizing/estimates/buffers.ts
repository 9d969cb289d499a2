import type { Geometry } from '../../catalog/model';
import type { BatchLimits } from '../gpu-defaults';

/** Bytes per entry of a block table. */
const ENTRY_BYTES = 4;

/** Bytes per element of activations. */
const ACTIVATION_BYTES = 2;

/** Bytes per element of the rotary table of sines and cosines. */
const ROTARY_BYTES = 4;

/** Dimensions that rotary embedding turns where a layer does not say: those of a usual head. */
const ROTARY_DIMENSIONS = 128;

/**
 * Buffers that vLLM keeps for its lifetime beside weights and cache, in bytes of one GPU: a table of blocks for each
 * group and sequence, the rotary table, and the inputs of one batch. An estimate of what vLLM measures with the weights.
 */
export function bufferBytes(
  geometry: Geometry,
  limits: BatchLimits,
  blockTables: readonly { readonly blockSize: number }[],
  contextLimit: number,
): number {
  const tables = blockTables.reduce(
    (sum, { blockSize }) => sum + limits.sequences * Math.ceil(contextLimit / blockSize) * ENTRY_BYTES,
    0,
  );
  const rotary = contextLimit * (geometry.mla?.qkRopeHeadDim ?? ROTARY_DIMENSIONS) * ROTARY_BYTES;
  return tables + rotary + limits.tokens * geometry.hiddenSize * ACTIVATION_BYTES;
}
