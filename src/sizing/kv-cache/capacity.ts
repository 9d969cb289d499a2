import type { KvCacheLayout, StageLayout } from './layout';

/** What a cache of given bytes holds, in the numbers that vLLM prints. */
export interface KvCacheCapacity {
  /** Blocks of the pool, the null block included; the stage with the fewest decides. */
  readonly blocks: number;
  /** Tokens of the context, as asked for or as found. */
  readonly maxContext: number;
  /** Requests of that length that fit at once; not whole. */
  readonly maxConcurrency: number;
  /** "GPU KV cache size" in vLLM's log. */
  readonly tokens: number;
  /** Bytes that one request of that length needs on each stage. */
  readonly bytesPerRequest: readonly number[];
}

/** Why the cache is too small for one request. */
export interface KvCacheShortage {
  /** For each stage: what is needed, and how long a request would fit. */
  readonly stages: readonly {
    readonly bytesPerBlock: number;
    readonly blocks: number;
    readonly neededBytes: number;
    readonly availableBytes: number;
    /** 0 where not even one token fits. */
    readonly largestContext: number;
  }[];
}

/** What is asked of the cache. */
export interface CapacityDemand {
  /** Bytes for the cache on one GPU of each stage. */
  readonly availableBytes: readonly number[];
  /** Tokens of one request; `auto` takes the most that fits. */
  readonly context: number | 'auto';
  /** The model's own limit, which `auto` does not exceed. */
  readonly contextLimit: number;
}

/** The capacity of a cache (vLLM 0.32, `get_kv_cache_configs`). One block is kept free: vLLM's null block. */
export function kvCacheCapacity(
  layout: KvCacheLayout,
  demand: CapacityDemand,
): KvCacheCapacity | KvCacheShortage {
  const stages = layout.stages.map((stage, index) => ({ stage, bytes: demand.availableBytes[index] ?? 0 }));
  const wanted = demand.context === 'auto' ? demand.contextLimit : demand.context;
  const context =
    demand.context === 'auto' && !layout.attentionFree
      ? Math.min(wanted, ...stages.map(({ stage, bytes }) => largestContext(stage, bytes, wanted)))
      : wanted;
  if (context < 1 || stages.some(({ stage, bytes }) => !fits(stage, bytes, context))) {
    return {
      stages: stages.map(({ stage, bytes }) => ({
        bytesPerBlock: stage.bytesPerBlock,
        blocks: blocksIn(stage, bytes),
        neededBytes: stage.bytesPerBlock * stage.blocksPerRequest(context < 1 ? wanted : context),
        availableBytes: bytes,
        largestContext: largestContext(stage, bytes, wanted),
      })),
    };
  }
  const blocks = Math.min(...stages.map(({ stage, bytes }) => blocksIn(stage, bytes)));
  const perRequest = layout.stages[0]?.blocksPerRequest(context) ?? 0;
  const maxConcurrency = blocks / perRequest;
  return {
    blocks,
    maxContext: context,
    maxConcurrency,
    tokens: Math.trunc(maxConcurrency * context),
    bytesPerRequest: layout.stages.map((stage) => stage.bytesPerBlock * stage.blocksPerRequest(context)),
  };
}

/** Bytes below which a stage cannot hold `concurrency` requests of `context` tokens at once. */
export function neededBytes(stage: StageLayout, context: number, concurrency: number): number {
  return stage.bytesPerBlock * (Math.ceil(stage.blocksPerRequest(context) * concurrency) + 1);
}

/** The longest request up to `limit` that a stage holds; 0 where none. */
export function largestContext(stage: StageLayout, bytes: number, limit: number): number {
  if (stage.bytesPerBlock === 0 || fits(stage, bytes, limit)) return limit;
  let low = 0;
  let high = limit;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (fits(stage, bytes, middle)) low = middle;
    else high = middle;
  }
  return low;
}

function fits(stage: StageLayout, bytes: number, context: number): boolean {
  return stage.bytesPerBlock * (stage.blocksPerRequest(context) + 1) <= bytes;
}

function blocksIn(stage: StageLayout, bytes: number): number {
  // A stage without caches never limits the others.
  return stage.bytesPerBlock === 0 ? Infinity : Math.max(0, Math.floor(bytes / stage.bytesPerBlock));
}
