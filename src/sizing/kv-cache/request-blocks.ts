import type { LayerSpec } from './layer-spec';

/** What the number of blocks depends on beside the spec. */
export interface BlockDemand {
  /** Tokens of the request. */
  readonly length: number;
  /** Tokens scheduled and not yet settled, for which sliding and chunked layers keep blocks. */
  readonly inFlightTokens: number;
  /** GPUs that share a sequence's tokens. */
  readonly contextParallel: number;
}

/** Blocks that one request needs of a spec (vLLM 0.32, `max_memory_usage_bytes` of each spec). */
export function requestBlocks(spec: LayerSpec, demand: BlockDemand): number {
  const { length, inFlightTokens } = demand;
  switch (spec.kind) {
    case 'full':
    case 'mla':
      return Math.ceil(Math.ceil(length / demand.contextParallel) / spec.blockSize);
    case 'sliding':
    case 'sliding-mla':
      // One more, as the window need not start with a block.
      return Math.ceil(Math.min((spec.window ?? 0) - 1 + inFlightTokens, length) / spec.blockSize) + 1;
    case 'chunked':
      return Math.ceil(Math.min((spec.chunk ?? 0) + inFlightTokens, length) / spec.blockSize);
    case 'cross':
      return Math.ceil((spec.encoderTokens ?? 0) / spec.blockSize);
    case 'state':
      return spec.stateBlocks ?? 1;
  }
}
