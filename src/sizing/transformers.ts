import type { MachineType } from '../catalog/machine';
import type { Model } from '../catalog/model';
import { layerCaches } from './kv-cache/layer-caches';
import { requestBlocks } from './kv-cache/request-blocks';
import { gib } from './gib';
import { contextBytes } from './estimates/non-torch';
import type { UsableGpu } from './machine-problem';
import { memoised } from './memo';
import type { LedgerLine, Misfit, Placement, SizingRequest } from './placement';
import { pricePerHour } from './price';

/** Tokens of one forward pass: a prompt of usual length. */
const PASS_TOKENS = 2048;
/** Widths of the hidden state that one layer holds at once, MLP included. */
const LIVE_WIDTHS = 12;
/** Bytes per element of activations and cache. */
const ELEMENT_BYTES = 2;
/** Least context without a wish, in tokens. */
const LEAST_CONTEXT = 2048;

interface CacheGrowth {
  /** Bytes of one sequence of `length` tokens, all layers together. */
  readonly bytesFor: (length: number) => number;
}

const growths = memoised<CacheGrowth>();

/**
 * The transformers runtime: one process on one node, layers spread over its GPUs, a contiguous cache for each sequence.
 * All of it is an estimate but the weights.
 */
export function sizeTransformers(
  request: SizingRequest,
  machine: MachineType,
  gpu: UsableGpu,
): Placement | Misfit {
  const { model } = request;
  const nodes = request.nodes ?? 1;
  if (nodes > 1) {
    return {
      machine,
      code: 'single-node-only',
      reason: `the transformers runtime runs on one node, and ${nodes} are asked for`,
    };
  }
  const utilization = request.gpuMemoryUtilization ?? 1;
  const budget = Math.ceil(gpu.usableBytes * utilization);
  const concurrency = request.concurrency ?? 1;
  const weights = Math.ceil(model.weightBytes / gpu.count);
  const activations = PASS_TOKENS * model.geometry.hiddenSize * LIVE_WIDTHS * ELEMENT_BYTES;
  const context = contextBytes({ tensorParallel: 1, pipelineParallel: 1 });
  const available = budget - weights - activations - context;
  const { bytesFor } = growths(model, '', () => cacheGrowth(model));
  const cacheOf = (length: number): number => Math.ceil((concurrency * bytesFor(length)) / gpu.count);
  const least = request.contextLength ?? Math.min(LEAST_CONTEXT, model.maxContext);
  const missingBytes = cacheOf(least) - available;
  const arrangement = {
    machine,
    nodes: 1,
    gpusPerNode: gpu.count,
    tensorParallel: 1,
    pipelineParallel: 1,
    dataParallel: 1,
    usableBytes: gpu.usableBytes,
    gpuMemoryUtilization: utilization,
    pricePerHour: pricePerHour(machine, 1),
  };
  if (missingBytes > 0) {
    return {
      machine,
      code: available < 0 ? 'weights-too-large' : 'kv-cache-too-small',
      reason: `${model.name} needs ${gib(missingBytes)} more on each GPU of ${machine.name}: weights ${gib(weights)}, cache of ${least} tokens ${gib(cacheOf(least))}`,
      missingBytes,
      closest: { ...arrangement, maxContext: least, kvTokens: 0, ledger: [] },
    };
  }
  const maxContext =
    request.contextLength ?? longest(model.maxContext, (length) => cacheOf(length) <= available);
  const cache = cacheOf(maxContext);
  const tokens = longest(
    Number.MAX_SAFE_INTEGER,
    (length) => Math.ceil(bytesFor(length) / gpu.count) <= available,
  );
  const ledger: LedgerLine[] = [
    {
      item: 'weights',
      bytes: weights,
      basis: 'exact',
      note: 'size of the checkpoint, spread over the GPUs of the node',
    },
    {
      item: 'KV cache',
      bytes: cache,
      basis: 'estimated',
      note: `${concurrency} x ${maxContext} tokens, spread over the GPUs`,
    },
    {
      item: 'activations',
      bytes: activations,
      basis: 'estimated',
      note: `one pass of ${PASS_TOKENS} tokens`,
    },
    { item: 'non-torch', bytes: context, basis: 'estimated', note: "CUDA's context and kernels" },
    { item: 'headroom', bytes: available - cache, basis: 'estimated', note: 'what is left' },
    { item: 'outside utilization', bytes: gpu.usableBytes - budget, basis: 'exact', note: 'left alone' },
  ];
  return {
    ...arrangement,
    maxContext,
    kvTokens: Math.min(tokens, Number.MAX_SAFE_INTEGER),
    ledger,
  };
}

/** The cache of one sequence as transformers keeps it: no blocks, sliding layers up to their window. */
function cacheGrowth(model: Model): CacheGrowth {
  const caches = layerCaches(model.geometry, {
    architecture: model.architecture,
    tensorParallel: 1,
    pipelineParallel: 1,
    computeCapability: 8,
    maxBatchedTokens: 0,
  });
  const parts = new Map<string, { readonly spec: (typeof caches)[number]['spec']; count: number }>();
  for (const { spec } of caches) {
    const key = `${spec.kind} ${spec.shape}`;
    const part = parts.get(key);
    if (part) part.count += 1;
    else parts.set(key, { spec, count: 1 });
  }
  return {
    bytesFor: (length) =>
      [...parts.values()].reduce(
        (sum, { spec, count }) =>
          sum +
          count * spec.pageBytes * requestBlocks(spec, { length, inFlightTokens: 0, contextParallel: 1 }),
        0,
      ),
  };
}

/** The largest value from 1 to `limit` that passes; 0 when none does. */
function longest(limit: number, passes: (value: number) => boolean): number {
  if (passes(limit)) return limit;
  let low = 0;
  let high = limit;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (passes(middle)) low = middle;
    else high = middle;
  }
  return low;
}
