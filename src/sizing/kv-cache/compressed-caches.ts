import type { CompressedAttention, LayerKind } from '../../catalog/model';
import type { LayerCache, LayerSpec } from './layer-spec';

/** Tokens per block of each cache of DeepSeek-V4 (vLLM 0.32, models/deepseek_v4). */
const BLOCK_SIZE = { history: 256, window: 64, csaState: 4, hcaState: 8 };

/** Pages are rounded up to it for the fp8 layout's copy engine. */
const PAGE_ALIGNMENT = 576;

/** Bytes per element of the compressors' states (float32). */
const STATE_ELEMENT_BYTES = 4;

/**
 * DeepSeek-V4: each layer has an uncompressed window; `csa` layers add an indexer's keys, a history of one entry per 4
 * tokens and the states of both compressors; `hca` layers a history of one entry per 128 tokens and its compressor's
 * state. Every GPU holds all of it. vLLM 0.32 stores it as fp8 rows, whatever cache type is asked for.
 */
export function compressedCaches(attention: CompressedAttention, kinds: readonly LayerKind[]): LayerCache[] {
  const specs = compressedSpecs(attention);
  return kinds.flatMap((kind, layer) => {
    const own = kind === 'csa' ? specs.csa : kind === 'hca' ? specs.hca : [specs.window];
    return own.map((spec) => ({ layer, spec }));
  });
}

function compressedSpecs(attention: CompressedAttention): {
  readonly window: LayerSpec;
  readonly csa: readonly LayerSpec[];
  readonly hca: readonly LayerSpec[];
} {
  const { latentDim, indexerHeadDim, bytesPerEntry, csaRatio, hcaRatio } = attention;
  const history = (shape: string, ratio: number, row: number): LayerSpec => ({
    kind: 'mla',
    shape,
    blockSize: BLOCK_SIZE.history,
    pageBytes: aligned((BLOCK_SIZE.history / ratio) * row),
  });
  // A compressor of overlapping windows (ratio 4) keeps two windows, and keys beside scores.
  const state = (
    shape: string,
    blockSize: number,
    ratio: number,
    overlap: 1 | 2,
    dim: number,
  ): LayerSpec => ({
    kind: 'sliding-mla',
    shape,
    blockSize,
    window: overlap * ratio,
    pageBytes: aligned(blockSize * 2 * overlap * dim * STATE_ELEMENT_BYTES),
  });
  const window: LayerSpec = {
    kind: 'sliding-mla',
    shape: 'window',
    blockSize: BLOCK_SIZE.window,
    window: attention.window,
    pageBytes: aligned(BLOCK_SIZE.window * bytesPerEntry),
  };
  return {
    window,
    csa: [
      history('indexer', csaRatio, indexerHeadDim + (indexerHeadDim / 128) * 4),
      state('indexer state', BLOCK_SIZE.csaState, csaRatio, 2, indexerHeadDim),
      window,
      history('csa', csaRatio, bytesPerEntry),
      state('csa state', BLOCK_SIZE.csaState, csaRatio, 2, latentDim),
    ],
    hca: [
      window,
      history('hca', hcaRatio, bytesPerEntry),
      state('hca state', BLOCK_SIZE.hcaState, hcaRatio, 1, latentDim),
    ],
  };
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / PAGE_ALIGNMENT) * PAGE_ALIGNMENT;
}
