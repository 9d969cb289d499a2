import type { Model } from '../catalog/model';
import { layerKindsOf } from './layer-kinds';
import { stageAdapterBytes, type AdapterSlots } from './adapters';
import { activationPeakBytes } from './estimates/activations';
import { blockTableBytes, bufferBytes } from './estimates/buffers';
import { cudaGraphBytes } from './estimates/cuda-graphs';
import { contextBytes, nonTorchBytes, type EstimateLevel } from './estimates/non-torch';
import type { EngineOptions } from './engine';
import type { BatchLimits } from './gpu-defaults';
import type { KvCacheLayout } from './kv-cache/layout';
import { pipelineSplit } from './parallel/pipeline-split';
import type { ParallelShape } from './parallel/shape';
import { encoderParallel, stageWeightBytes } from './weights';

/** What one GPU of a pipeline stage holds beside the KV cache, in bytes. */
export interface StageUse {
  readonly weights: number;
  readonly adapters: number;
  readonly buffers: number;
  readonly activations: number;
  readonly cudaGraphs: number;
  readonly nonTorch: number;
}

/** What a budget is drawn up for. */
export interface BudgetRequest {
  readonly model: Model;
  readonly shape: ParallelShape;
  readonly limits: BatchLimits;
  readonly layout: KvCacheLayout;
  readonly adapters: AdapterSlots | undefined;
  readonly engine: EngineOptions;
  readonly level: EstimateLevel;
  readonly computeCapability: number;
}

/** The use of each pipeline stage. It does not depend on the memory of the GPU. */
export function stageUses(request: BudgetRequest): StageUse[] {
  const { model, shape, limits, adapters, level, engine, computeCapability } = request;
  const { geometry, architecture } = model;
  const { tensorParallel, pipelineParallel } = shape;
  const encodesImages = engine.textOnly !== true;
  const weights = stageWeightBytes(model, shape, encodesImages);
  const slots = stageAdapterBytes(geometry, adapters, shape);
  return pipelineSplit(layerKindsOf(geometry).length, pipelineParallel).map((layers, stage) => ({
    weights: weights[stage] ?? 0,
    adapters: slots[stage] ?? 0,
    buffers: bufferBytes(geometry, limits, model.maxContext, stage === pipelineParallel - 1),
    activations: activationPeakBytes(
      geometry,
      tensorParallel,
      limits,
      {
        isFirst: stage === 0,
        encoderParallel: encodesImages ? encoderParallel(model, tensorParallel) : 0,
        isLast: stage === pipelineParallel - 1,
      },
      level,
    ),
    cudaGraphs: cudaGraphBytes(layers, { limits, computeCapability, architecture, engine }),
    nonTorch: nonTorchBytes(shape, level),
  }));
}

/** Everything of a stage together, in bytes. */
export function totalUse(use: StageUse): number {
  return use.weights + use.adapters + use.buffers + use.activations + use.cudaGraphs + use.nonTorch;
}

/** Memory of one GPU that vLLM may use, in bytes: it takes the share of what the driver reports, rounded up. */
export function requestedBytes(usableBytes: number, utilization: number): number {
  return Math.ceil(usableBytes * utilization);
}

/** What must fit outside vLLM's share on the GPU of any stage, in bytes: it is there before or comes after the measuring. */
export function outsideBytes({ model, shape, limits, layout }: BudgetRequest): number {
  const tables = layout.stages.map(({ groups }) =>
    blockTableBytes(
      groups.map((group) => ({
        blockSize: group.spec?.blockSize ?? group.caches[0]?.spec.blockSize ?? 1,
      })),
      limits.sequences,
      model.maxContext,
    ),
  );
  return contextBytes(shape) + Math.max(0, ...tables);
}
