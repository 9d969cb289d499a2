import type { Geometry } from '../../catalog/model';
import { layerKindsOf } from '../layer-kinds';
import { kernelBlocks, largestBlockWithin, preferredBlockSize } from './kernel-blocks';
import { latentBytes, vectorBytes } from './cache-types';
import type { KvCacheSettings } from './settings';
import { stateBytes } from './state-bytes';

/** Hybrids of latent attention and states need blocks of a multiple of this many tokens (TensorRT-LLM's kernels). */
const LATENT_HYBRID_ALIGNMENT = 128;

/** Tokens per block of each kind of layer, and the page that states are padded to. */
export interface BlockSizes {
  /** Tokens per block of full, latent and chunked layers. */
  readonly attention: number;
  /** Tokens per block of sliding layers. */
  readonly sliding: number;
  /** Bytes of a block that holds a state; null in models without states. */
  readonly statePageBytes: number | null;
}

/**
 * Block sizes as vLLM 0.32 settles them (platforms/interface.py). In hybrids of attention and states, a block is made
 * so long that an attention page holds a state, and states are padded to that page.
 */
export function blockSizes(geometry: Geometry, settings: KvCacheSettings): BlockSizes {
  const blocks = kernelBlocks(geometry, settings);
  const preferred = preferredBlockSize(blocks, settings);
  const sliding = (attention: number): number => largestBlockWithin(blocks, attention);
  if (!geometry.linear) return { attention: preferred, sliding: sliding(preferred), statePageBytes: null };

  const state = stateBytes(
    geometry.linear,
    settings.tensorParallel,
    settings.draftTokens ?? 0,
    settings.stateTailElementBytes ?? settings.elementBytes ?? 2,
  );
  const perToken = attentionBytesPerToken(geometry, settings);
  if (perToken === 0) return { attention: preferred, sliding: sliding(preferred), statePageBytes: state };
  const step = Math.max(blocks.smallest, preferred, geometry.mla ? LATENT_HYBRID_ALIGNMENT : 0);
  const needed = step * Math.ceil(state / (step * perToken));
  const aligned = blocks.smallest * Math.ceil(needed / blocks.smallest);
  const attention = Math.max(preferred, aligned);
  return { attention, sliding: sliding(attention), statePageBytes: attention * perToken };
}

/** True for models in which some layers keep states and others attend. */
export function isHybrid(geometry: Geometry): boolean {
  return (
    geometry.linear !== undefined &&
    layerKindsOf(geometry).some((kind) => kind !== 'linear' && kind !== 'mlp')
  );
}

/** Bytes that one token occupies in one attention layer on one GPU; 0 in models without attention. */
function attentionBytesPerToken(geometry: Geometry, settings: KvCacheSettings): number {
  const { mla } = geometry;
  if (mla) {
    return latentBytes(mla.kvLoraRank + mla.qkRopeHeadDim, settings, { sparse: mla.indexer !== undefined });
  }
  const layer = geometry.full ?? geometry.sliding ?? geometry.chunked;
  if (!layer) return 0;
  const heads = Math.max(1, Math.floor(layer.kvHeads / settings.tensorParallel));
  return (
    heads *
    (vectorBytes(layer.headDim, settings) + vectorBytes(layer.valueHeadDim ?? layer.headDim, settings))
  );
}
