import type { Geometry } from '../../catalog/model';

/** Embedding and output rows are padded to a multiple of it before they are divided (vLLM 0.32). */
export const VOCAB_PADDING = 64;

/**
 * Why a model cannot be divided among so many GPUs; null when it can (vLLM 0.32,
 * `ModelConfig.verify_with_parallel_config` and the assertions of the layers).
 */
export function tensorParallelProblem(geometry: Geometry, gpus: number): string | null {
  if (gpus === 1) return null;
  const { attentionHeads, vocabSize, linear } = geometry;
  if (attentionHeads % gpus !== 0) {
    return `${attentionHeads} attention heads cannot be divided among ${gpus} GPUs`;
  }
  for (const layer of [geometry.full, geometry.sliding, geometry.chunked]) {
    if (!layer) continue;
    const divides = layer.kvHeads >= gpus ? layer.kvHeads % gpus === 0 : gpus % layer.kvHeads === 0;
    if (!divides)
      return `${layer.kvHeads} key-value heads can neither be divided nor repeated among ${gpus} GPUs`;
  }
  const rows = Math.ceil(vocabSize / VOCAB_PADDING) * VOCAB_PADDING;
  if (rows % gpus !== 0) return `${rows} rows of the vocabulary cannot be divided among ${gpus} GPUs`;
  for (const [name, width] of widths(geometry)) {
    if (width % gpus !== 0) return `${name} of ${width} cannot be divided among ${gpus} GPUs`;
  }
  if (geometry.compressed && geometry.compressed.oGroups % gpus !== 0) {
    return `${geometry.compressed.oGroups} output groups cannot be divided among ${gpus} GPUs`;
  }
  if (linear) {
    for (const [name, heads] of stateHeads(geometry)) {
      if (heads % gpus !== 0)
        return `${heads} ${name} of the state layers cannot be divided among ${gpus} GPUs`;
    }
  }
  return null;
}

/** Widths of the feed-forward parts, which are cut by columns. */
function widths(geometry: Geometry): [string, number][] {
  const { moe, intermediateSize } = geometry;
  const result: [string, number][] = [];
  const dense = !moe || (moe.denseLayers ?? 0) > 0 || moe.besideDense === true;
  if (dense && intermediateSize !== null) result.push(['an MLP width', intermediateSize]);
  if (moe) result.push(['an expert width', moe.intermediateSize]);
  return result;
}

function stateHeads({ linear }: Geometry): [string, number][] {
  switch (linear?.type) {
    case 'GatedDeltaNet':
      return [
        ['key heads', linear.keyHeads ?? 0],
        ['value heads', linear.valueHeads ?? 0],
      ];
    case 'Mamba1':
    case 'ShortConv':
      return [['channels', linear.channels ?? 0]];
    case 'Mamba2':
    case 'KDA':
    case 'Lightning':
      return [['heads', linear.heads ?? 0]];
    case undefined:
      return [];
  }
}
