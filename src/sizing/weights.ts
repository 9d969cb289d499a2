import { layerKindsOf } from './layer-kinds';
import type { AttentionLayer, Geometry, Model } from '../catalog/model';
import { memoised } from './memo';
import { replicatedParameters, visionParameters } from './network';
import { pipelineSplit } from './parallel/pipeline-split';
import type { ParallelShape } from './parallel/shape';
import { VOCAB_PADDING } from './parallel/tensor-parallel';

/** Bytes per parameter of embeddings, output layer and image encoder: no checkpoint of the catalogue quantises them. */
const PLAIN_BYTES = 2;

/** Quantisations that keep one byte for each parameter of the layers that every GPU holds whole. */
const ONE_BYTE: ReadonlySet<string> = new Set(['fp8', 'float-quantized']);

/** Elements that Marlin's tiles of MXFP4 experts are multiples of. */
const MXFP4_TILE = { hidden: 256, intermediate: 128 };

/** Bytes of an MXFP4 element: four bits, and a byte of scale for 32 of them. */
const MXFP4_BYTES = 17 / 32;

/** Models whose class builds the embedding and the output layer on every pipeline stage (vLLM 0.32). */
const ENDS_ON_EVERY_STAGE: ReadonlySet<string> = new Set(['Qwen3MoeForCausalLM']);

/**
 * Bytes of weights on one GPU of each pipeline stage, from the size of the checkpoint and the shapes: embedding and
 * output rows, layers cut by tensor parallelism, and what every GPU holds whole. Without vision, vLLM 0.32 leaves the
 * image encoder out (`_mark_tower_model`).
 */
export function stageWeightBytes(model: Model, shape: ParallelShape, withVision = true): readonly number[] {
  const { tensorParallel, pipelineParallel } = shape;
  const key = `${tensorParallel} ${pipelineParallel} ${withVision}`;
  return stages(model, key, () => countStages(model, shape, withVision));
}

const stages = memoised<readonly number[]>();

/** GPUs that share the image encoder's layers: in Mistral's own format it is not divided. */
export function encoderParallel(model: Model, tensorParallel: number): number {
  return model.vllm.configFormat === 'mistral' ? 1 : tensorParallel;
}

function countStages(model: Model, shape: ParallelShape, withVision: boolean): readonly number[] {
  const { geometry } = model;
  const { tensorParallel, pipelineParallel } = shape;
  const table =
    Math.ceil(geometry.vocabSize / VOCAB_PADDING) * VOCAB_PADDING * geometry.hiddenSize * PLAIN_BYTES;
  const output = geometry.tieWordEmbeddings ? 0 : table;
  const vision = Math.min(visionParameters(geometry) * PLAIN_BYTES, model.weightBytes / 2);
  const replicated = replicatedBytes(model);
  const layers = Math.max(0, model.weightBytes - table - output - vision);
  const divided = Math.max(0, layers - replicated);
  const layerCount = layerKindsOf(geometry).length;
  const visionShare = encoderParallel(model, tensorParallel);
  return pipelineSplit(layerCount, pipelineParallel).map((count, stage) => {
    const isFirst = stage === 0;
    const isLast = stage === pipelineParallel - 1;
    const everywhere = ENDS_ON_EVERY_STAGE.has(model.architecture);
    // A tied table is needed at both ends; on one stage it is there once.
    const tables =
      (isFirst || everywhere ? table : 0) +
      (isLast || everywhere ? (geometry.tieWordEmbeddings && !isFirst ? table : output) : 0);
    const share = count / layerCount;
    return Math.ceil(
      tables / tensorParallel +
        (isFirst && withVision ? vision / visionShare : 0) +
        share *
          ((divided + expertPadding(model, tensorParallel)) / tensorParallel +
            Math.min(replicated, layers) +
            repeatedHeadBytes(geometry, tensorParallel)),
    );
  });
}

/**
 * What MXFP4 experts take beyond the checkpoint on all GPUs of a stage's layers together: Marlin's kernels want rows and
 * columns in whole tiles (vLLM 0.32, fused_moe/oracle/mxfp4.py).
 */
function expertPadding({ geometry, quantization }: Model, tensorParallel: number): number {
  const { moe, hiddenSize } = geometry;
  if (quantization !== 'mxfp4' || !moe) return 0;
  const space = moe.latentSize ?? hiddenSize;
  const width = moe.intermediateSize / tensorParallel;
  const padded = roundUp(space, MXFP4_TILE.hidden) * roundUp(width, MXFP4_TILE.intermediate);
  const layers = layerKindsOf(geometry).length - (moe.denseLayers ?? 0);
  // Gate, up and down projection.
  return 3 * layers * moe.experts * tensorParallel * (padded - space * width) * MXFP4_BYTES;
}

function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}

/** Bytes of the projections that every GPU holds whole. */
function replicatedBytes(model: Model): number {
  const bytes = model.quantization !== null && ONE_BYTE.has(model.quantization) ? 1 : PLAIN_BYTES;
  return replicatedParameters(model.geometry) * bytes;
}

/** What one GPU holds of key and value projections beyond its share, where there are more GPUs than heads. */
function repeatedHeadBytes(geometry: Geometry, tensorParallel: number): number {
  const layers: Partial<Record<string, AttentionLayer>> = {
    full: geometry.full,
    parallel: geometry.full,
    sliding: geometry.sliding,
    chunked: geometry.chunked,
  };
  return layerKindsOf(geometry).reduce((sum, kind) => {
    const layer = layers[kind];
    if (!layer || layer.kvHeads >= tensorParallel) return sum;
    const dims = layer.headDim + (layer.valueHeadDim ?? layer.headDim);
    return sum + geometry.hiddenSize * dims * (1 - layer.kvHeads / tensorParallel) * PLAIN_BYTES;
  }, 0);
}
