import type { Geometry } from '../../catalog/model';
import { layerKindsOf } from '../layer-kinds';
import { layerProjections } from '../network';
import type { TrainingRequest } from './request';

/** Bytes per element of activations (bfloat16 autocast) and of what is kept in full precision. */
const BYTES = 2;
const FULL_BYTES = 4;

/** Tokens and rows of the vocabulary of one tile of the loss (trl 1.16, kernels/chunked_logprob.py and trainer/utils.py). */
const TILE_TOKENS = 4096;
const TILE_VOCABULARY = 32_768;

/** Bytes per logit where all are kept: bfloat16, their float32 copy, its logarithm of softmax, and two gradients. */
const WHOLE_LOGIT_BYTES = BYTES + 3 * FULL_BYTES + BYTES;

/** Memory of one training step on one GPU beside weights and optimizer, in bytes. */
export interface StepMemory {
  /** Kept from the forward pass for the backward pass. */
  readonly kept: number;
  /** The largest of what comes and goes: one layer's backward pass, the loss, an evaluation step. */
  readonly transient: number;
}

type StepRequest = Pick<
  TrainingRequest,
  'sequenceLength' | 'batchSize' | 'gradientCheckpointing' | 'wholeLogits' | 'evaluationBatchSize'
>;

/** An estimate from the shapes, for attention that does not keep its scores (SDPA, flash attention). */
export function stepMemory(geometry: Geometry, request: StepRequest): StepMemory {
  const { sequenceLength, batchSize, gradientCheckpointing, wholeLogits, evaluationBatchSize } = request;
  const tokens = sequenceLength * batchSize;
  const layers = layerKindsOf(geometry).map((kind, index) => layerElements(geometry, kind, index));
  const widest = Math.max(0, ...layers.map(({ kept }) => kept));
  const backward = Math.max(0, ...layers.map(({ gradients }) => gradients));
  const all = layers.reduce((sum, { kept }) => sum + kept, 0);
  // Embedding output and final norm, too.
  const ends = (2 * BYTES + 2 * FULL_BYTES) * geometry.hiddenSize;
  const kept = gradientCheckpointing ? layers.length * geometry.hiddenSize * BYTES : all;
  const ofLayer = (gradientCheckpointing ? widest : 0) + backward;
  const evaluated = evaluationBatchSize * sequenceLength;
  return {
    kept: Math.ceil(tokens * (kept + ends)),
    transient: Math.ceil(
      Math.max(
        tokens * ofLayer,
        lossBytes(geometry, tokens, wholeLogits),
        evaluated * widest + lossBytes(geometry, evaluated, wholeLogits),
      ),
    ),
  };
}

/**
 * Bytes of one token in one layer. Kept: two norms with their input in full precision, inputs and outputs of every
 * projection, and what lies between gate, up and down. Gradients: as wide as the feed-forward part and the stream.
 */
function layerElements(
  geometry: Geometry,
  kind: ReturnType<typeof layerKindsOf>[number],
  index: number,
): { readonly kept: number; readonly gradients: number } {
  const { hiddenSize, moe } = geometry;
  const projections = layerProjections(geometry, kind, index);
  // A token goes through some of the experts only.
  const active = (copies: number): number => (moe === null ? copies : Math.min(copies, moe.topK));
  const outputs = projections.reduce((sum, each) => sum + active(each.copies) * each.outputs, 0);
  const widest = Math.max(
    hiddenSize,
    ...projections.map((each) => active(each.copies) * Math.max(each.inputs, each.outputs)),
  );
  const norms = 2 * (FULL_BYTES + BYTES) * hiddenSize;
  // Rotated queries and keys, the activation of the gate and its product are no projection's output.
  const between = 2 * widest + 2 * hiddenSize;
  return {
    kept: norms + BYTES * (outputs + between),
    gradients: BYTES * (3 * widest + 2 * hiddenSize),
  };
}

function lossBytes({ vocabSize, hiddenSize }: Geometry, tokens: number, whole: boolean): number {
  if (whole) return tokens * vocabSize * WHOLE_LOGIT_BYTES;
  const tile = Math.min(tokens, TILE_TOKENS) * Math.min(vocabSize, TILE_VOCABULARY);
  // The tile, its float32 form and its gradient; the gradient of all hidden states in float32.
  return tile * (BYTES + 2 * FULL_BYTES) + tokens * hiddenSize * FULL_BYTES;
}
