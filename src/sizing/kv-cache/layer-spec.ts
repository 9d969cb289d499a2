/** How a layer caches: names vLLM's specs (v1/kv_cache_interface.py). */
export type SpecKind = 'full' | 'mla' | 'sliding' | 'sliding-mla' | 'chunked' | 'cross' | 'state';

/** What one layer of the network stores for each block of tokens, on one GPU. */
export interface LayerSpec {
  readonly kind: SpecKind;
  /** Heads, dimensions and element type: layers that differ in it never share a group. */
  readonly shape: string;
  /** Tokens per block. A state's block holds one state, however many tokens it sums up. */
  readonly blockSize: number;
  /** Bytes of one block, padding included. */
  readonly pageBytes: number;
  /** Tokens that a sliding layer looks back on. */
  readonly window?: number;
  /** Tokens of a chunk that a chunked layer attends within. */
  readonly chunk?: number;
  /** Tokens of the encoder's output that a cross-attention layer keeps, whatever the length of the request. */
  readonly encoderTokens?: number;
  /** Blocks that one request holds, for states: their number does not grow with its length. */
  readonly stateBlocks?: number;
}

/** A layer's place in the network with what it stores. A layer may have several caches. */
export interface LayerCache {
  /** Decoder layer, from 0. */
  readonly layer: number;
  readonly spec: LayerSpec;
}

/** Caches that share one table of blocks. */
export interface CacheGroup {
  readonly caches: readonly LayerCache[];
  /**
   * The spec that all caches have; null where they only need the same number of blocks, each with its own page
   * (vLLM: `UniformTypeKVCacheSpecs`).
   */
  readonly spec: LayerSpec | null;
}

/** vLLM's class of a spec, as its logs and tests name it. */
export const VLLM_SPEC_CLASS: Readonly<Record<SpecKind, string>> = {
  full: 'FullAttentionSpec',
  mla: 'MLAAttentionSpec',
  sliding: 'SlidingWindowSpec',
  'sliding-mla': 'SlidingWindowMLASpec',
  chunked: 'ChunkedLocalAttentionSpec',
  cross: 'CrossAttentionSpec',
  state: 'MambaSpec',
};

/** True when two layers can be managed as one kind (vLLM: `merge`). */
export function sameSpec(a: LayerSpec, b: LayerSpec): boolean {
  return (
    a.kind === b.kind &&
    a.shape === b.shape &&
    a.blockSize === b.blockSize &&
    a.pageBytes === b.pageBytes &&
    a.window === b.window &&
    a.chunk === b.chunk &&
    a.encoderTokens === b.encoderTokens &&
    a.stateBlocks === b.stateBlocks
  );
}

/**
 * True when two layers always need the same number of blocks, whatever their page sizes
 * (vLLM: `UniformTypeKVCacheSpecs`).
 */
export function sameBlockCount(a: LayerSpec, b: LayerSpec): boolean {
  if (a.blockSize !== b.blockSize) return false;
  if (seesEverything(a)) return seesEverything(b);
  if (a.kind === 'state')
    return b.kind === 'state' && a.stateBlocks === b.stateBlocks && a.pageBytes === b.pageBytes;
  return a.kind === b.kind && a.window === b.window && a.chunk === b.chunk;
}

/** True for layers whose cache grows with the whole history. */
export function seesEverything(spec: LayerSpec): boolean {
  return spec.kind === 'full' || spec.kind === 'mla';
}
