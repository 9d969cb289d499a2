import { layerKindsOf } from './layer-kinds';
import type { AttentionLayer, Geometry, LayerKind, LinearLayer } from '../catalog/model';

/** A linear projection of one layer, as tensor parallelism and LoRA see it. */
export interface Projection {
  readonly inputs: number;
  readonly outputs: number;
  /** `columns`: outputs are divided among GPUs; `rows`: inputs are; `whole`: every GPU holds all of it. */
  readonly split: 'columns' | 'rows' | 'whole';
  /** How many of it a layer has, such as experts. */
  readonly copies: number;
}

/** The projections of one layer by its kind; norms and biases are too small to count. */
export function layerProjections(geometry: Geometry, kind: LayerKind, index: number): readonly Projection[] {
  return [...mixerProjections(geometry, kind), ...feedForward(geometry, kind, index)];
}

/** Weights of the layers that every GPU holds whole, in parameters: latent down-projections, indexers, routers. */
export function replicatedParameters(geometry: Geometry): number {
  return layerKindsOf(geometry).reduce(
    (sum, kind, index) =>
      sum +
      layerProjections(geometry, kind, index)
        .filter(({ split }) => split === 'whole')
        .reduce((whole, { inputs, outputs, copies }) => whole + inputs * outputs * copies, 0),
    0,
  );
}

/** Parameters of the image encoder: attention and a plain MLP in each layer. */
export function visionParameters({ vision }: Geometry): number {
  if (!vision) return 0;
  const width = vision.hiddenSize;
  return vision.layers * (4 * width * width + 2 * width * (vision.intermediateSize ?? 4 * width));
}

function mixerProjections(geometry: Geometry, kind: LayerKind): readonly Projection[] {
  switch (kind) {
    case 'full':
      return geometry.full ? attention(geometry, geometry.full) : [];
    case 'sliding':
      return geometry.sliding ? attention(geometry, geometry.sliding) : [];
    case 'chunked':
      return geometry.chunked ? attention(geometry, geometry.chunked) : [];
    case 'mla':
      return latentAttention(geometry);
    case 'csa':
    case 'hca':
    case 'window':
      return compressedAttention(geometry);
    case 'linear':
      return geometry.linear ? stateMixer(geometry.hiddenSize, geometry.linear) : [];
    case 'parallel':
      return [...mixerProjections(geometry, 'full'), ...mixerProjections(geometry, 'linear')];
    case 'mlp':
      return [];
  }
}

function attention({ hiddenSize, attentionHeads }: Geometry, layer: AttentionLayer): readonly Projection[] {
  const valueDim = layer.valueHeadDim ?? layer.headDim;
  return [
    columns(hiddenSize, attentionHeads * layer.headDim),
    columns(hiddenSize, layer.kvHeads * layer.headDim),
    columns(hiddenSize, layer.kvHeads * valueDim),
    rows(attentionHeads * valueDim, hiddenSize),
  ];
}

function latentAttention(geometry: Geometry): readonly Projection[] {
  const { hiddenSize, attentionHeads, mla } = geometry;
  if (!mla) return [];
  const queryDim = attentionHeads * (mla.qkNopeHeadDim + mla.qkRopeHeadDim);
  const indexer = mla.indexer;
  return [
    ...(mla.qLoraRank === null
      ? [columns(hiddenSize, queryDim)]
      : [whole(hiddenSize, mla.qLoraRank), columns(mla.qLoraRank, queryDim)]),
    whole(hiddenSize, mla.kvLoraRank + mla.qkRopeHeadDim),
    columns(mla.kvLoraRank, attentionHeads * (mla.qkNopeHeadDim + mla.vHeadDim)),
    rows(attentionHeads * mla.vHeadDim, hiddenSize),
    ...(indexer
      ? [
          whole(mla.qLoraRank ?? hiddenSize, indexer.heads * indexer.headDim),
          whole(hiddenSize, indexer.headDim + indexer.heads),
        ]
      : []),
  ];
}

function compressedAttention({ hiddenSize, attentionHeads, compressed }: Geometry): readonly Projection[] {
  if (!compressed) return [];
  const { latentDim, qLoraRank, oLoraRank, oGroups } = compressed;
  return [
    whole(hiddenSize, qLoraRank + latentDim),
    columns(qLoraRank, attentionHeads * latentDim),
    columns((attentionHeads * latentDim) / oGroups, oGroups * oLoraRank),
    rows(oGroups * oLoraRank, hiddenSize),
  ];
}

function stateMixer(hiddenSize: number, layer: LinearLayer): readonly Projection[] {
  const width = stateWidth(layer);
  return [columns(hiddenSize, width.inputs), rows(width.outputs, hiddenSize)];
}

/** Channels that a state layer projects to, gate included, and those that it projects back from. */
function stateWidth(layer: LinearLayer): { readonly inputs: number; readonly outputs: number } {
  switch (layer.type) {
    case 'GatedDeltaNet': {
      const keys = (layer.keyHeads ?? 0) * (layer.keyHeadDim ?? 0);
      const values = (layer.valueHeads ?? 0) * (layer.valueHeadDim ?? 0);
      return { inputs: 2 * keys + 2 * values, outputs: values };
    }
    case 'KDA': {
      const inner = (layer.heads ?? 0) * (layer.headDim ?? 0);
      return { inputs: 4 * inner, outputs: inner };
    }
    case 'Mamba2': {
      const inner = (layer.heads ?? 0) * (layer.headDim ?? 0);
      return {
        inputs: 2 * inner + 2 * (layer.groups ?? 1) * (layer.stateSize ?? 0) + (layer.heads ?? 0),
        outputs: inner,
      };
    }
    case 'ShortConv':
      // Input and output gates beside what is convolved.
      return { inputs: 3 * (layer.channels ?? 0), outputs: layer.channels ?? 0 };
    case 'Lightning': {
      const inner = (layer.heads ?? 0) * (layer.headDim ?? 0);
      return { inputs: 4 * inner, outputs: inner };
    }
    case 'Mamba1':
      return { inputs: 2 * (layer.channels ?? 0), outputs: layer.channels ?? 0 };
  }
}

function feedForward(geometry: Geometry, kind: LayerKind, index: number): readonly Projection[] {
  const { hiddenSize, intermediateSize, moe } = geometry;
  const standsAlone = expandsToBlocks(geometry);
  // In networks of separate blocks only the blocks named `mlp` have one.
  if (standsAlone && kind !== 'mlp') return [];
  const dense = intermediateSize === null ? [] : gated(hiddenSize, intermediateSize, 1);
  if (!moe || index < (moe.denseLayers ?? 0)) return dense;
  const space = moe.latentSize ?? hiddenSize;
  const shared = moe.sharedIntermediateSize ?? moe.sharedExperts * moe.intermediateSize;
  return [
    whole(hiddenSize, moe.experts),
    ...gated(space, moe.intermediateSize, moe.experts),
    ...(shared > 0 ? gated(hiddenSize, shared, 1) : []),
    ...(moe.besideDense === true ? dense : []),
  ];
}

function expandsToBlocks(geometry: Geometry): boolean {
  return geometry.layers.some(({ layers }) => layers.some(({ kind }) => kind === 'mlp'));
}

function gated(hidden: number, width: number, copies: number): readonly Projection[] {
  return [
    { inputs: hidden, outputs: width, split: 'columns', copies },
    { inputs: hidden, outputs: width, split: 'columns', copies },
    { inputs: width, outputs: hidden, split: 'rows', copies },
  ];
}

function columns(inputs: number, outputs: number): Projection {
  return { inputs, outputs, split: 'columns', copies: 1 };
}

function rows(inputs: number, outputs: number): Projection {
  return { inputs, outputs, split: 'rows', copies: 1 };
}

function whole(inputs: number, outputs: number): Projection {
  return { inputs, outputs, split: 'whole', copies: 1 };
}
