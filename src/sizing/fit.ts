import type { Model } from '../catalog/model';
import type { AdapterSlots } from './adapters';
import type { EstimateLevel } from './estimates/non-torch';
import type { BatchLimits } from './gpu-defaults';
import type { EngineOptions } from './engine';
import { gib } from './gib';
import { defaultCacheDtype } from './kv-cache/cache-types';
import { kvCacheCapacity, largestContext, neededBytes, type KvCacheCapacity } from './kv-cache/capacity';
import { kvCacheLayout, type KvCacheLayout, type StageLayout } from './kv-cache/layout';
import { memoised } from './memo';
import type { ParallelShape } from './parallel/shape';
import { outsideBytes, requestedBytes, stageUses, totalUse, type StageUse } from './stage-budget';

/** One way to run a model, on GPUs of one kind. */
export interface FitRequest {
  readonly model: Model;
  readonly shape: ParallelShape;
  /** Memory of one GPU as the driver reports it, in bytes. */
  readonly usableBytes: number;
  readonly utilization: number;
  readonly computeCapability: number;
  readonly limits: BatchLimits;
  readonly adapters: AdapterSlots | undefined;
  readonly engine: EngineOptions;
  /** What is estimated is taken from the middle, or from the low end, of what is seen. */
  readonly level: EstimateLevel;
  /** Tokens wanted; null for the most that fits, and at least `leastContext`. */
  readonly contextLength: number | null;
  readonly leastContext: number;
  /** Sequences of that length at once. */
  readonly concurrency: number;
}

/** A model that fits. */
export interface Fit {
  readonly capacity: KvCacheCapacity;
  /** The stage whose memory decides. */
  readonly fullest: { readonly use: StageUse; readonly cacheBytes: number; readonly availableBytes: number };
  /** What needs memory outside vLLM's share, in bytes. */
  readonly outsideBytes: number;
}

/** A model that does not fit: what the fullest GPU lacks. */
export interface Unfit {
  readonly missingBytes: number;
  readonly use: StageUse;
  /** Bytes that the cache would need. */
  readonly cacheBytes: number;
  /** Tokens of context that it would need them for. */
  readonly context: number;
}

interface Plan {
  readonly layout: KvCacheLayout;
  readonly uses: readonly StageUse[];
  readonly outsideBytes: number;
}

const plans = memoised<Plan | { readonly problem: string }>();
const layouts = memoised<KvCacheLayout | { readonly problem: string }>();

/** Whether a model fits in one way, and with which context. */
export function fit(request: FitRequest): Fit | Unfit | { readonly problem: string } {
  const plan = planFor(request);
  if ('problem' in plan) return plan;
  const budget = requestedBytes(request.usableBytes, request.utilization);
  const leftAlone = request.usableBytes - budget;
  if (plan.outsideBytes > leftAlone) {
    return {
      problem: `a GPU memory utilization of ${request.utilization} leaves ${gib(leftAlone)} for CUDA, NCCL and block tables, which need about ${gib(plan.outsideBytes - leftAlone)} more`,
    };
  }
  const available = plan.uses.map((use) => budget - totalUse(use));
  const least = request.contextLength ?? Math.min(request.leastContext, request.model.maxContext);
  const shortage = plan.layout.stages.map(
    (stage, index) => neededBytes(stage, least, request.concurrency) - (available[index] ?? 0),
  );
  const missingBytes = Math.max(...shortage);
  if (missingBytes > 0) {
    const worst = shortage.indexOf(missingBytes);
    return {
      missingBytes,
      use: plan.uses[worst] ?? NOTHING,
      cacheBytes: missingBytes + (available[worst] ?? 0),
      context: least,
    };
  }
  const context = request.contextLength ?? longestContext(plan.layout, available, request);
  const capacity = kvCacheCapacity(plan.layout, {
    availableBytes: available,
    context,
    contextLimit: request.model.maxContext,
  });
  if ('stages' in capacity) return { problem: 'the KV cache has no room for one request' };
  return { capacity, fullest: fullestStage(plan, available, capacity), outsideBytes: plan.outsideBytes };
}

/** Latent and sparse caches that the model's options ask for, else vLLM's choice. */
export function cacheDtypeOf(model: Model, computeCapability: number): string | undefined {
  return model.vllm.kvCacheDtype ?? defaultCacheDtype(model.architecture, computeCapability);
}

const NOTHING: StageUse = { weights: 0, adapters: 0, buffers: 0, activations: 0, cudaGraphs: 0, nonTorch: 0 };

function planFor(request: FitRequest): Plan | { readonly problem: string } {
  const { model, shape, limits, adapters, computeCapability, level, engine } = request;
  const { tensorParallel, pipelineParallel } = shape;
  const layoutKey = `${tensorParallel} ${pipelineParallel} ${computeCapability} ${limits.tokens} ${JSON.stringify(engine)}`;
  const planKey = `${layoutKey} ${limits.sequences} ${adapters?.count ?? 0} ${adapters?.maxRank ?? 0} ${level}`;
  return plans(model, planKey, () => {
    const layout = layouts(model, layoutKey, () => layoutFor(request));
    if ('problem' in layout) return layout;
    const budget = { model, shape, limits, layout, adapters, level, engine, computeCapability };
    return { layout, uses: stageUses(budget), outsideBytes: outsideBytes(budget) };
  });
}

function layoutFor({
  model,
  shape,
  limits,
  computeCapability,
  engine,
}: FitRequest): KvCacheLayout | { problem: string } {
  const cacheDtype = engine.cacheDtype ?? cacheDtypeOf(model, computeCapability);
  return kvCacheLayout(model.geometry, {
    architecture: model.architecture,
    tensorParallel: shape.tensorParallel,
    pipelineParallel: shape.pipelineParallel,
    computeCapability,
    maxBatchedTokens: limits.tokens,
    contextLimit: model.maxContext,
    ...(cacheDtype === undefined ? {} : { cacheDtype }),
    ...(engine.blockSize === undefined ? {} : { blockSize: engine.blockSize }),
    ...(engine.prefixCaching === undefined ? {} : { prefixCaching: engine.prefixCaching }),
    ...(engine.hybridManager === undefined ? {} : { hybridManager: engine.hybridManager }),
    ...(engine.asyncScheduling === undefined ? {} : { asyncScheduling: engine.asyncScheduling }),
    ...(engine.draftTokens === undefined ? {} : { draftTokens: engine.draftTokens }),
    ...(engine.decodeContextParallel === undefined
      ? {}
      : { decodeContextParallel: engine.decodeContextParallel }),
  });
}

/** The longest context of which `concurrency` requests fit at once on every stage. */
function longestContext(layout: KvCacheLayout, available: readonly number[], request: FitRequest): number {
  // Stages with blocks of one size hold as many as the one of them with the least memory.
  const tightest = new Map<number, { readonly stage: StageLayout; readonly bytes: number }>();
  for (const [index, stage] of layout.stages.entries()) {
    const bytes = available[index] ?? 0;
    const known = tightest.get(stage.bytesPerBlock);
    if (!known || bytes < known.bytes) tightest.set(stage.bytesPerBlock, { stage, bytes });
  }
  let limit = request.model.maxContext;
  for (const { stage, bytes } of tightest.values()) {
    limit = largestContext(
      {
        groups: stage.groups,
        bytesPerBlock: stage.bytesPerBlock,
        blocksPerRequest: (length) => Math.ceil(stage.blocksPerRequest(length) * request.concurrency),
      },
      bytes,
      limit,
    );
  }
  return limit;
}

/** The stage with the least memory left: it decides the number of blocks for all. */
function fullestStage(plan: Plan, available: readonly number[], capacity: KvCacheCapacity): Fit['fullest'] {
  const stages = plan.layout.stages.map((stage, index) => {
    const availableBytes = available[index] ?? 0;
    const cacheBytes = Number.isFinite(capacity.blocks) ? capacity.blocks * stage.bytesPerBlock : 0;
    return { use: plan.uses[index] ?? NOTHING, cacheBytes, availableBytes };
  });
  return stages.reduce((fullest, stage) =>
    stage.availableBytes - stage.cacheBytes < fullest.availableBytes - fullest.cacheBytes ? stage : fullest,
  );
}
