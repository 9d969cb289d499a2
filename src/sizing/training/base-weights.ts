import type { Geometry, Model } from '../../catalog/model';
import { layerKindsOf } from '../layer-kinds';
import { layerProjections } from '../network';
import type { BaseQuantization } from './request';

/** Bytes per parameter of weights that are not quantised: bfloat16. */
const PLAIN_BYTES = 2;
/** Parameters that share a constant of 4-bit types, and constants that share one of theirs (QLoRA, arXiv 2305.14314, 3). */
const BLOCK = 64;
const CONSTANT_BLOCK = 256;
/** Bytes of a float32 constant. */
const CONSTANT_BYTES = 4;

/** Frozen weights of one GPU, in bytes. */
export interface BaseWeights {
  readonly weights: number;
  /** What quantisation keeps beside them. */
  readonly constants: number;
}

/** Every GPU holds all of the weights. bitsandbytes quantises the linear layers; embeddings and output layer stay as they are. */
export function baseWeights(model: Model, quantization: BaseQuantization): BaseWeights {
  if (quantization === 'none') return { weights: model.weightBytes, constants: 0 };
  const { parameters, outputs } = linearLayers(model.geometry);
  const rest = Math.max(0, model.weightBytes - parameters * PLAIN_BYTES);
  if (quantization === '8bit') return { weights: rest + parameters, constants: outputs * CONSTANT_BYTES };
  const blocks = Math.ceil(parameters / BLOCK);
  return {
    weights: rest + Math.ceil(parameters / 2),
    constants:
      quantization === '4bit'
        ? blocks * CONSTANT_BYTES
        : blocks + Math.ceil(blocks / CONSTANT_BLOCK) * CONSTANT_BYTES,
  };
}

/** Bytes of the largest projection while it is turned back into bfloat16 for a multiplication. */
export function dequantizedBytes({ geometry }: Model, quantization: BaseQuantization): number {
  if (quantization === 'none') return 0;
  const sizes = layerKindsOf(geometry).flatMap((kind, index) =>
    layerProjections(geometry, kind, index).map(({ inputs, outputs }) => inputs * outputs),
  );
  // Fused projections (gate and up, or query, key and value) are one weight: at most two of the largest.
  return Math.ceil(2 * Math.max(0, ...sizes)) * PLAIN_BYTES;
}

function linearLayers(geometry: Geometry): { readonly parameters: number; readonly outputs: number } {
  let parameters = 0;
  let outputs = 0;
  for (const [index, kind] of layerKindsOf(geometry).entries()) {
    for (const projection of layerProjections(geometry, kind, index)) {
      parameters += projection.copies * projection.inputs * projection.outputs;
      outputs += projection.copies * projection.outputs;
    }
  }
  return { parameters, outputs };
}
