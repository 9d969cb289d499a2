import { layerKindsOf } from './layer-kinds';
import type { Geometry } from '../catalog/model';
import { layerProjections, type Projection } from './network';
import { pipelineSplit } from './parallel/pipeline-split';
import type { ParallelShape } from './parallel/shape';

/** Ranks that vLLM 0.32 reserves for; others are rounded up to the next. */
export const LORA_RANKS = [1, 8, 16, 32, 64, 128, 256, 320, 512] as const;

/** Rows of the largest output layer that vLLM 0.32 takes adapters for. */
const LARGEST_ADAPTED_VOCABULARY = 258048;

/** Bytes per element of an adapter: the model's type. */
const ADAPTER_BYTES = 2;

/** Adapters that are served at once. */
export interface AdapterSlots {
  readonly count: number;
  readonly maxRank: number;
}

/**
 * Bytes that vLLM 0.32 reserves for LoRA adapters on one GPU of each pipeline stage: for each slot a pair of matrices
 * of the full rank beside every projection. The matrix on the undivided side is whole on every GPU.
 */
export function stageAdapterBytes(
  geometry: Geometry,
  slots: AdapterSlots | undefined,
  shape: ParallelShape,
): number[] {
  const kinds = layerKindsOf(geometry);
  let start = 0;
  return pipelineSplit(kinds.length, shape.pipelineParallel).map((count) => {
    const end = start + count;
    const isLast = end === kinds.length;
    const perRank = slots
      ? (isLast ? outputWidth(geometry) : 0) +
        kinds
          .slice(start, end)
          .reduce(
            (sum, kind, index) =>
              sum +
              layerProjections(geometry, kind, start + index).reduce(
                (layer, projection) => layer + width(projection, shape.tensorParallel),
                0,
              ),
            0,
          )
      : 0;
    start = end;
    return slots ? Math.ceil(slots.count * reservedRank(slots.maxRank) * perRank * ADAPTER_BYTES) : 0;
  });
}

/** The output layer's pair, whole on every GPU; vLLM 0.32 refuses it for larger vocabularies. */
function outputWidth({ hiddenSize, vocabSize }: Geometry): number {
  return vocabSize <= LARGEST_ADAPTED_VOCABULARY ? hiddenSize + vocabSize : 0;
}

/** The rank that is reserved for adapters of up to `rank`; the largest there is where it is larger. */
export function reservedRank(rank: number): number {
  return LORA_RANKS.find((known) => known >= rank) ?? 512;
}

function width({ inputs, outputs, split, copies }: Projection, tensorParallel: number): number {
  if (split === 'columns') return copies * (inputs + outputs / tensorParallel);
  return copies * (split === 'rows' ? inputs / tensorParallel + outputs : inputs + outputs);
}
