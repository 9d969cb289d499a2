import type { Geometry } from '../../catalog/model';
import type { BatchLimits } from '../gpu-defaults';
import type { EstimateLevel } from './non-torch';

/** Bytes per element of activations. */
const BYTES = 2;

/** Rows of the buffer in which latent attention expands earlier tokens during prefill (vLLM 0.32, mla_attention.py). */
const LATENT_WORKSPACE_ROWS = 64 * 1024;

/** Patches of an image that become one token, in the usual 2 x 2 merge. */
const PATCHES_PER_TOKEN = 4;

/** What one stage of a pipeline does beside its layers. */
export interface StageRole {
  readonly isFirst: boolean;
  readonly isLast: boolean;
  /** GPUs that share the image encoder's layers; 0 where the model is served for texts only. */
  readonly encoderParallel: number;
}

/**
 * The highest transient memory of vLLM's profile run on one GPU, in bytes: one batch of `limits.tokens` tokens through
 * the layers, the logits of `limits.sequences` of them on the last stage, and the largest batch of images on the first.
 * The phases follow each other, so the largest counts. An estimate: vLLM measures it.
 */
export function activationPeakBytes(
  geometry: Geometry,
  tensorParallel: number,
  limits: BatchLimits,
  role: StageRole,
  level: EstimateLevel = 'usual',
): number {
  const phases = [layerPhase(geometry, tensorParallel, limits.tokens)];
  if (role.isLast) phases.push(logitsPhase(geometry, tensorParallel, limits));
  if (role.isFirst && role.encoderParallel > 0) {
    phases.push(imagePhase(geometry, role.encoderParallel, limits.tokens, level));
  }
  return Math.ceil(Math.max(...phases));
}

/** Residual, normed input and output, and the wider of attention and feed-forward. */
function layerPhase(geometry: Geometry, tensorParallel: number, tokens: number): number {
  const stream = 3 * tokens * geometry.hiddenSize;
  return (
    BYTES *
    (stream +
      Math.max(
        attentionElements(geometry, tensorParallel, tokens),
        feedForwardElements(geometry, tensorParallel, tokens),
      ))
  );
}

function attentionElements(geometry: Geometry, tensorParallel: number, tokens: number): number {
  const { attentionHeads, mla, compressed, linear } = geometry;
  const heads = attentionHeads / tensorParallel;
  const headDims = [geometry.full, geometry.sliding, geometry.chunked].map((layer) => layer?.headDim ?? 0);
  // Queries, outputs, and keys and values, which are never more than both.
  const plain = 3 * tokens * heads * Math.max(...headDims);
  const latent = mla
    ? 2 * tokens * heads * (mla.qkNopeHeadDim + mla.qkRopeHeadDim) +
      LATENT_WORKSPACE_ROWS * heads * (mla.qkNopeHeadDim + mla.vHeadDim)
    : 0;
  const compact = compressed ? 2 * tokens * heads * compressed.latentDim : 0;
  const inner =
    (linear?.valueHeads ?? linear?.heads ?? 0) * (linear?.valueHeadDim ?? linear?.headDim ?? 0) +
    (linear?.channels ?? 0);
  // Inputs, gate, convolved inputs and outputs of a state layer.
  return Math.max(plain, latent, compact, (6 * tokens * inner) / tensorParallel);
}

function feedForwardElements(geometry: Geometry, tensorParallel: number, tokens: number): number {
  const { moe, hiddenSize, intermediateSize } = geometry;
  // Gate and up side by side, and their product.
  const dense = intermediateSize === null ? 0 : (3 * tokens * intermediateSize) / tensorParallel;
  if (!moe) return dense;
  const width = moe.intermediateSize / tensorParallel;
  const space = moe.latentSize ?? hiddenSize;
  // Each token once for each of its experts: inputs or gate and up, whichever is wider, their product, and the outputs.
  const routed = tokens * moe.topK * (Math.max(2 * width, space) + width + space);
  return (moe.denseLayers ?? 0) > 0 || moe.besideDense === true ? Math.max(dense, routed) : routed;
}

/** Logits of the rows that are sampled: the GPU's own columns, and those of all gathered. */
function logitsPhase(geometry: Geometry, tensorParallel: number, limits: BatchLimits): number {
  const rows = Math.min(limits.tokens, limits.sequences);
  const gathered = tensorParallel > 1 ? 1 + 1 / tensorParallel : 1;
  return BYTES * rows * geometry.vocabSize * gathered;
}

/**
 * As many images as a batch has room for, and at least the largest one, through the encoder: stream, attention and MLP of
 * one layer (vLLM 0.32, `compute_mm_encoder_budget`). At the low end, attention has given its memory back to the MLP.
 */
function imagePhase({ vision }: Geometry, gpus: number, tokens: number, level: EstimateLevel): number {
  if (!vision || vision.layers === 0) return 0;
  const { hiddenSize, intermediateSize = 4 * hiddenSize } = vision;
  // The stream and its norm are whole on every GPU.
  const attention = 6 * hiddenSize;
  const mlp = 2 * intermediateSize;
  const divided = level === 'low' ? Math.max(attention, mlp) : attention + mlp;
  const width = 2 * hiddenSize + divided / gpus;
  return BYTES * Math.max(tokens, vision.maxImageTokens ?? 0) * PATCHES_PER_TOKEN * width;
}
