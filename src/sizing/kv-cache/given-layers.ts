import { numberField, textField, type ModelConfig } from '../../catalog/config-fields';
import { layoutOf, type KvCacheLayout } from './layout';
import type { LayerCache, LayerSpec } from './layer-spec';
import type { KvCacheSettings } from './settings';

/** The layout of layers that are given one by one, in vLLM's words, each with a `count`. */
export function layoutFromLayers(
  layers: readonly ModelConfig[],
  settings: KvCacheSettings,
): KvCacheLayout | { problem: string } {
  const caches: LayerCache[] = [];
  for (const fields of layers) {
    const spec = specOf(fields, settings);
    if ('problem' in spec) return spec;
    for (let copy = 0; copy < (numberField(fields, 'count') ?? 1); copy++)
      caches.push({ layer: caches.length, spec });
  }
  return layoutOf(caches, settings);
}

function specOf(fields: ModelConfig, settings: KvCacheSettings): LayerSpec | { problem: string } {
  const type = textField(fields, 'type') ?? '';
  const heads = numberField(fields, 'num_kv_heads') ?? 1;
  const keyDim = numberField(fields, 'head_size') ?? 0;
  const valueDim = numberField(fields, 'head_size_v') ?? (type === 'mla' ? 0 : keyDim);
  const blockSize = numberField(fields, 'block_size') ?? 16;
  const element = numberField(fields, 'dtype_bytes') ?? 2;
  const spec = {
    shape: `${heads}x${keyDim}+${valueDim}x${element}`,
    blockSize,
    pageBytes:
      numberField(fields, 'page_size_bytes', 'page_size_padded') ??
      blockSize * heads * (keyDim + valueDim) * element,
  };
  switch (type) {
    case 'full':
    case 'mla':
      return { kind: type, ...spec };
    case 'sliding':
      return { kind: type, ...spec, window: numberField(fields, 'sliding_window') ?? 0 };
    case 'chunked':
      return { kind: type, ...spec, chunk: numberField(fields, 'attention_chunk_size', 'chunk_size') ?? 0 };
    case 'cross':
      return { kind: type, ...spec, encoderTokens: settings.maxBatchedTokens };
    case 'mamba':
      return { kind: 'state', ...spec, stateBlocks: stateBlocks(fields, settings) };
    default:
      return {
        problem: `layers of type "${type}" are not known; known are full, mla, sliding, chunked, cross, mamba`,
      };
  }
}

/** `mamba_cache_mode` of a state: `align` keeps the state at the last block's boundary as well. */
function stateBlocks(fields: ModelConfig, settings: KvCacheSettings): number {
  return (fields['mamba_cache_mode'] === 'align' ? 2 : 1) + (settings.draftTokens ?? 0);
}
