import type { Model } from '../catalog/model';
import { layerKindsOf } from './layer-kinds';
import { stageAdapterBytes, type AdapterSlots } from './adapters';
import { activationPeakBytes } from './estimates/activations';
import { bufferBytes } from './estimates/buffers';
import { cudaGraphBytes } from './estimates/cuda-graphs';
import { contextBytes, nonTorchBytes, type EstimateLevel } from './estimates/non-torch';
import type { EngineOptions } from './engine';
import type { BatchLimits } from './gpu-defaults';
import type { KvCacheLayout } from './kv-cache/layout';
import { pipelineSplit } from './parallel/pipeline-split';
import type { ParallelShape } from './parallel/shape';
import { stageWeightBytes } from './weights';

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
}

/** The use of each pipeline stage. It does not depend on the memory of the GPU. */
export function stageUses(request: BudgetRequest): StageUse[] {
  const { model, shape, limits, layout, adapters, level, engine } = request;
  const { geometry } = model;
  const { tensorParallel, pipelineParallel } = shape;
  const weights = stageWeightBytes(model, shape);
  const slots = stageAdapterBytes(geometry, adapters, shape);
  const gpus = tensorParallel * pipelineParallel;
  return pipelineSplit(layerKindsOf(geometry).length, pipelineParallel).map((layers, stage) => ({
    weights: weights[stage] ?? 0,
    adapters: slots[stage] ?? 0,
    buffers: bufferBytes(
      geometry,
      limits,
      (layout.stages[stage]?.groups ?? []).map((group) => ({
        blockSize: group.spec?.blockSize ?? group.caches[0]?.spec.blockSize ?? 1,
      })),
      model.maxContext,
    ),
    activations: activationPeakBytes(geometry, tensorParallel, limits, {
      isFirst: stage === 0,
      encodesImages: engine.textOnly !== true,
      isLast: stage === pipelineParallel - 1,
    }),
    cudaGraphs: engine.eager === true ? 0 : cudaGraphBytes(layers, limits.sequences, engine.largestCapture),
    nonTorch: nonTorchBytes(gpus, level),
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

/** Bytes missing outside vLLM's share for what is there before it starts; 0 when there is room. */
export function missingOutside(usableBytes: number, utilization: number, gpus: number): number {
  return Math.max(0, contextBytes(gpus) - (usableBytes - requestedBytes(usableBytes, utilization)));
}
