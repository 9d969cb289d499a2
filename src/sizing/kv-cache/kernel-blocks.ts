import type { Geometry } from '../../catalog/model';
import { quantisedCache } from './cache-types';
import type { KvCacheSettings } from './settings';

/** Block sizes that an attention backend takes. */
export interface KernelBlocks {
  /** The smallest one; any multiple of it goes unless `fixed` is set. */
  readonly smallest: number;
  /** The only ones, where the kernel has a fixed page. */
  readonly fixed?: readonly number[];
}

/** vLLM's block size where nothing asks for another (config/cache.py). */
const DEFAULT_BLOCK_SIZE = 16;

const ANY_MULTIPLE: KernelBlocks = { smallest: DEFAULT_BLOCK_SIZE };

/** Architectures whose images attend in both directions, for which vLLM 0.32 combines two backends. */
const IMAGE_PREFIX = /^(Gemma3ForConditional|Gemma4|PaliGemma|Molmo2|Moondream3|Bagel)/;

/**
 * Block sizes of the attention backend that vLLM 0.32 picks (platforms/cuda.py), for a complete CUDA installation.
 * Hopper and older take multiples of 16; Blackwell's kernels have pages of their own, and sparse attention too.
 */
export function kernelBlocks(geometry: Geometry, settings: KvCacheSettings): KernelBlocks {
  if (geometry.compressed) return { smallest: 256, fixed: [256] };
  const major = Math.floor(settings.computeCapability);
  const quantised = quantisedCache(settings);
  if (geometry.mla) {
    if (geometry.mla.indexer) return { smallest: 64, fixed: [64] };
    if (major === 10) {
      // FlashInfer's kernel; CUTLASS where the head does not suit it.
      return [64, 128, 192].includes(geometry.mla.qkNopeHeadDim)
        ? { smallest: 32, fixed: [32, 64] }
        : { smallest: 128, fixed: [128] };
    }
    // FlashAttention has no 8-bit latent cache: FlashMLA takes over.
    return major === 9 && quantised ? { smallest: 64, fixed: [64] } : ANY_MULTIPLE;
  }
  const headDims = [geometry.full, geometry.sliding, geometry.chunked].flatMap((layer) =>
    layer ? [layer.headDim] : [],
  );
  if (major === 10) {
    // Gemma 4's small models, which share caches, attend to images causally.
    const composite =
      geometry.kvSharedLayers === 0 &&
      IMAGE_PREFIX.test(settings.architecture) &&
      headDims.every((dim) => dim === 256 || dim === 512);
    if (composite) return { smallest: 64, fixed: [64] };
    return { smallest: 16, fixed: [16, 32, 64] };
  }
  // FlashAttention 4 reads an 8-bit cache of such wide heads in pages of 64.
  if (major === 9 && quantised && headDims.includes(512)) return { smallest: 64, fixed: [64] };
  return ANY_MULTIPLE;
}

/** Tokens per block before a hybrid model raises it: the user's, or the first that the backend takes. */
export function preferredBlockSize(blocks: KernelBlocks, settings: KvCacheSettings): number {
  if (settings.blockSize !== undefined) return settings.blockSize;
  return accepts(blocks, DEFAULT_BLOCK_SIZE) ? DEFAULT_BLOCK_SIZE : blocks.smallest;
}

/** The largest block size that the backend takes and that is not above `limit`; its smallest if none is. */
export function largestBlockWithin(blocks: KernelBlocks, limit: number): number {
  if (blocks.fixed) return Math.max(blocks.smallest, ...blocks.fixed.filter((size) => size <= limit));
  return Math.max(blocks.smallest, Math.floor(limit / blocks.smallest) * blocks.smallest);
}

function accepts(blocks: KernelBlocks, size: number): boolean {
  return blocks.fixed ? blocks.fixed.includes(size) : size % blocks.smallest === 0;
}
