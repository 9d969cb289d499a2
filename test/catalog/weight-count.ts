import { expandLayers } from '../../src/catalog/layers';
import type { AttentionLayer, Geometry, Model } from '../../src/catalog/model';

/** Bytes per parameter of the parts of a checkpoint. */
interface Precision {
  readonly embedding: number;
  readonly linear: number;
  readonly experts: number;
}

const BF16: Precision = { embedding: 2, linear: 2, experts: 2 };
// Block formats: 4 bits and a scale for every 32 (mxfp4: 8 bits; Kimi's int4: 16 bits), 16 (nvfp4: 8 bits) or 128 weights.
const PRECISIONS: Readonly<Record<string, Precision>> = {
  fp8: { embedding: 2, linear: 1, experts: 1 },
  'float-quantized': { embedding: 2, linear: 1, experts: 1 },
  awq: { embedding: 2, linear: 0.5 + 2.5 / 128, experts: 0.5 + 2.5 / 128 },
  gptq: { embedding: 2, linear: 2, experts: 0.5 + 2.5 / 128 },
  mxfp4: { embedding: 2, linear: 2, experts: 0.5 + 1 / 32 },
  'pack-quantized': { embedding: 2, linear: 2, experts: 0.5 + 2 / 32 },
  'nvfp4-pack-quantized': { embedding: 2, linear: 2, experts: 0.5 + 1 / 16 },
};

/** Bytes of the weights as the geometry gives them: an independent count, good to about two percent. */
export function countWeightBytes(model: Model): number {
  const { geometry: shape } = model;
  const precision = precisionOf(model);
  const kinds = expandLayers(shape.layers);
  let linear = 0;
  let experts = 0;
  for (const [index, kind] of kinds.entries()) {
    linear += mixerParameters(model, kind);
    // In networks with blocks of their own for MLPs, only those have one.
    const hasMlp = kinds.includes('mlp') ? kind === 'mlp' : true;
    if (!hasMlp) continue;
    const isExpertLayer = shape.moe !== null && index >= (shape.moe.denseLayers ?? 0);
    if (!isExpertLayer || shape.moe.besideDense) linear += mlpParameters(model, shape.intermediateSize ?? 0);
    if (isExpertLayer) {
      experts += expertParameters(model);
      linear += sharedParameters(model);
    }
  }
  const embedding = shape.vocabSize * shape.hiddenSize * (shape.tieWordEmbeddings ? 1 : 2);
  return (
    embedding * precision.embedding +
    linear * precision.linear +
    experts * precision.experts +
    visionParameters(model) * 2
  );
}

function precisionOf(model: Model): Precision {
  if (model.architecture === 'DeepseekV4ForCausalLM') {
    return { embedding: 2, linear: 1, experts: 0.5 + 1 / 32 };
  }
  return model.quantization === null ? BF16 : (PRECISIONS[model.quantization] ?? BF16);
}

function mixerParameters({ architecture, geometry: shape }: Model, kind: string): number {
  const hidden = shape.hiddenSize;
  const heads = shape.attentionHeads;
  // Qwen 3.5 gates its attention output: the query projection is twice as wide.
  const gates = architecture.startsWith('Qwen3_5') ? 2 : 1;
  const attention = (layer: AttentionLayer): number =>
    hidden * layer.headDim * ((gates + 1) * heads + 2 * layer.kvHeads);
  if (kind === 'full' && shape.full) return attention(shape.full);
  if (kind === 'sliding' && shape.sliding) return attention(shape.sliding);
  if (kind === 'mla' && shape.mla) {
    const { mla } = shape;
    const rank = mla.qLoraRank ?? 0;
    const query = hidden * rank + rank * heads * (mla.qkNopeHeadDim + mla.qkRopeHeadDim);
    const keyValue =
      hidden * (mla.kvLoraRank + mla.qkRopeHeadDim) +
      mla.kvLoraRank * heads * (mla.qkNopeHeadDim + mla.vHeadDim);
    return query + keyValue + heads * mla.vHeadDim * hidden;
  }
  if (kind === 'linear' && shape.linear) return linearParameters(shape);
  if (shape.compressed && (kind === 'csa' || kind === 'hca' || kind === 'window')) {
    const { latentDim, qLoraRank, oLoraRank, oGroups } = shape.compressed;
    return (
      hidden * qLoraRank +
      qLoraRank * heads * latentDim +
      hidden * latentDim +
      heads * latentDim * oLoraRank +
      oGroups * oLoraRank * hidden
    );
  }
  return 0;
}

function linearParameters({ hiddenSize: hidden, linear }: Geometry): number {
  if (linear?.type === 'Mamba2') {
    const { heads = 0, headDim = 0, stateSize = 0, groups = 0 } = linear;
    const inner = heads * headDim;
    return hidden * (2 * inner + 2 * groups * stateSize + heads) + inner * hidden;
  }
  const { keyHeads = 0, keyHeadDim = 0, valueHeads = 0, valueHeadDim = 0 } = linear ?? {};
  const keys = keyHeads * keyHeadDim;
  const values = valueHeads * valueHeadDim;
  return hidden * (2 * keys + 2 * values + 2 * valueHeads) + values * hidden;
}

/** Nemotron's MLPs have no gate: two matrices instead of three. */
function matrices(model: Model): number {
  return model.architecture.startsWith('NemotronH') ? 2 : 3;
}

function mlpParameters(model: Model, width: number): number {
  return matrices(model) * model.geometry.hiddenSize * width;
}

function expertParameters(model: Model): number {
  const { moe, hiddenSize } = model.geometry;
  if (!moe) return 0;
  return moe.experts * matrices(model) * (moe.latentSize ?? hiddenSize) * moe.intermediateSize;
}

function sharedParameters(model: Model): number {
  const { moe, hiddenSize } = model.geometry;
  if (!moe) return 0;
  const shared = moe.sharedIntermediateSize ?? moe.sharedExperts * moe.intermediateSize;
  const latent = moe.latentSize === undefined ? 0 : 2 * hiddenSize * moe.latentSize;
  return mlpParameters(model, shared) + hiddenSize * moe.experts + latent;
}

/** The encoder without its projector. Those of Mistral and Gemma 4 have gated MLPs. */
function visionParameters({ architecture, geometry: { vision } }: Model): number {
  if (!vision) return 0;
  const width = vision.hiddenSize;
  const mlp = (/^(Mistral|Gemma4)/.test(architecture) ? 3 : 2) * width * (vision.intermediateSize ?? 0);
  return vision.layers * (4 * width ** 2 + mlp);
}
