import { layerKindsOf } from '../layer-kinds';
import type { AttentionLayer, Geometry, SparseIndexer } from '../../catalog/model';
import { blockSizes, isHybrid } from './block-size';
import { compressedCaches } from './compressed-caches';
import type { LayerCache, LayerSpec } from './layer-spec';
import { latentBytes, vectorBytes } from './cache-types';
import type { KvCacheSettings } from './settings';

/** Elements that share one 4-byte scale in the indexer's cache (vLLM 0.32, deepseek_v2.py). */
const INDEXER_SCALE_GROUP = 128;

/** Every cache of the network in the order in which vLLM registers them. Layers that reuse another's cache have none. */
export function layerCaches(geometry: Geometry, settings: KvCacheSettings): LayerCache[] {
  const kinds = layerKindsOf(geometry);
  if (geometry.compressed) return compressedCaches(geometry.compressed, kinds);
  const sizes = blockSizes(geometry, settings);
  const specs = {
    full:
      geometry.full && attentionSpec(geometry.full, settings, { kind: 'full', blockSize: sizes.attention }),
    sliding:
      geometry.sliding &&
      attentionSpec(geometry.sliding, settings, {
        kind: 'sliding',
        blockSize: sizes.sliding,
        window: geometry.sliding.window,
      }),
    chunked:
      geometry.chunked &&
      attentionSpec(geometry.chunked, settings, {
        kind: 'chunked',
        blockSize: sizes.attention,
        chunk: geometry.chunked.chunk,
      }),
    state:
      sizes.statePageBytes === null
        ? undefined
        : stateSpec(geometry, settings, sizes.statePageBytes, sizes.attention),
  };
  const indexer = geometry.mla?.indexer;
  const indexerSpec = indexer && indexerCache(indexer, sizes.attention);
  const owners = kinds.length - geometry.kvSharedLayers;
  const caches: LayerCache[] = [];
  const add = (layer: number, spec: LayerSpec | undefined): void => {
    if (spec) caches.push({ layer, spec });
  };
  for (const [layer, kind] of kinds.slice(0, owners).entries()) {
    if (kind === 'full') add(layer, specs.full);
    else if (kind === 'sliding') add(layer, specs.sliding);
    else if (kind === 'chunked') add(layer, specs.chunked);
    else if (kind === 'linear') add(layer, specs.state);
    else if (kind === 'parallel') {
      add(layer, specs.full);
      add(layer, specs.state);
    } else if (kind === 'mla') {
      const indexed = indexer !== undefined && hasIndexer(indexer, layer);
      if (indexed) add(layer, indexerSpec);
      add(layer, latentSpec(geometry, settings, sizes.attention, indexed));
    }
  }
  return caches;
}

/** True when sparse attention's indexer sits on this layer (vLLM 0.32, deepseek_v2.py). */
export function hasIndexer(indexer: SparseIndexer, layer: number): boolean {
  if (indexer.pattern !== undefined) return indexer.pattern[layer] !== 'S';
  return Math.max(layer - (indexer.offset ?? 2) + 1, 0) % (indexer.frequency ?? 1) === 0;
}

function attentionSpec(
  layer: AttentionLayer,
  settings: KvCacheSettings,
  rest: Pick<LayerSpec, 'kind' | 'blockSize' | 'window' | 'chunk'>,
): LayerSpec {
  // A GPU never holds less than one head: it is repeated where there are more GPUs than heads.
  const heads = Math.max(1, Math.floor(layer.kvHeads / settings.tensorParallel));
  const valueDim = layer.valueHeadDim ?? layer.headDim;
  const keyBytes = vectorBytes(layer.headDim, settings);
  const valueBytes = vectorBytes(valueDim, settings);
  return {
    ...rest,
    shape: `${heads} heads of ${layer.headDim} in ${keyBytes}, ${valueDim} in ${valueBytes}`,
    pageBytes: rest.blockSize * heads * (keyBytes + valueBytes),
  };
}

/** One latent vector per token, whole on every GPU. Layers with an indexer do not merge with those without. */
function latentSpec(
  geometry: Geometry,
  settings: KvCacheSettings,
  blockSize: number,
  indexed: boolean,
): LayerSpec {
  const { kvLoraRank = 0, qkRopeHeadDim = 0 } = geometry.mla ?? {};
  const sparse = geometry.mla?.indexer !== undefined;
  const row = latentBytes(kvLoraRank + qkRopeHeadDim, settings, { sparse });
  return {
    kind: 'mla',
    shape: `latent ${row}${indexed ? ' indexed' : ''}`,
    blockSize,
    pageBytes: blockSize * row,
  };
}

function indexerCache(indexer: SparseIndexer, blockSize: number): LayerSpec {
  const row = indexer.headDim + (indexer.headDim / INDEXER_SCALE_GROUP) * 4;
  return { kind: 'mla', shape: `indexer ${row}`, blockSize, pageBytes: blockSize * row };
}

function stateSpec(
  geometry: Geometry,
  settings: KvCacheSettings,
  pageBytes: number,
  blockSize: number,
): LayerSpec {
  const draftTokens = settings.draftTokens ?? 0;
  const aligned = settings.prefixCaching ?? isHybrid(geometry);
  const linear = geometry.linear;
  const checkpoint =
    linear?.type === 'Mamba2'
      ? (linear.prefillCheckpoint ?? true)
      : // FlashKDA needs Hopper or newer.
        linear?.type === 'KDA' && linear.prefillCheckpoint === true && settings.computeCapability >= 9;
  return {
    kind: 'state',
    shape: `state ${linear?.type ?? ''}`,
    blockSize: aligned ? blockSize : (settings.contextLimit ?? blockSize),
    pageBytes,
    // Prefix caching keeps the running state and the one at the last block's boundary.
    stateBlocks: aligned ? 2 + draftTokens + (checkpoint ? 1 : 0) : 1 + draftTokens,
  };
}
