import type { Geometry } from '../../catalog/model';
import { layerKindsOf } from '../layer-kinds';
import { memoised } from '../memo';
import { pipelineSplit } from '../parallel/pipeline-split';
import { groupCaches } from './grouping';
import { layerCaches } from './layer-caches';
import { requestBlocks } from './request-blocks';
import type { CacheGroup, LayerCache } from './layer-spec';
import { maxInFlightTokens, type KvCacheSettings } from './settings';

/** How the cache of a model is cut into blocks, on each pipeline stage. It does not depend on the memory. */
export interface KvCacheLayout {
  readonly stages: readonly StageLayout[];
  /** True for models without attention: their cache does not limit the context. */
  readonly attentionFree: boolean;
}

/** The cache of one pipeline stage; every GPU of the stage holds the same number of bytes. */
export interface StageLayout {
  /** Groups of the whole model, each with the caches of this stage only. */
  readonly groups: readonly CacheGroup[];
  /** Bytes of one block: that of the largest group. */
  readonly bytesPerBlock: number;
  /** Blocks that one request of `length` tokens holds, over all groups. */
  blocksPerRequest(length: number): number;
}

/** Lays out the cache of `geometry`, or tells why vLLM could not start. */
export function kvCacheLayout(
  geometry: Geometry,
  settings: KvCacheSettings,
): KvCacheLayout | { problem: string } {
  // Groups are formed on the whole network: the number of stages does not matter to them.
  const { pipelineParallel, ...rest } = settings;
  const groups = groupsOf(geometry, JSON.stringify(rest), () =>
    groupCaches(layerCaches(geometry, settings), {
      hybridManager: settings.hybridManager ?? true,
      blockOutermost: geometry.compressed !== undefined,
    }),
  );
  if ('problem' in groups) return groups;
  return stagesOf(groups, pipelineSplit(layerKindsOf(geometry).length, pipelineParallel), settings);
}

const groupsOf = memoised<readonly CacheGroup[] | { readonly problem: string }>();

/** Lays out caches that are given one by one, each a layer of its own. */
export function layoutOf(
  caches: readonly LayerCache[],
  settings: KvCacheSettings,
): KvCacheLayout | { problem: string } {
  const groups = groupCaches(caches, {
    hybridManager: settings.hybridManager ?? true,
    blockOutermost: false,
  });
  if ('problem' in groups) return groups;
  return stagesOf(groups, pipelineSplit(caches.length, settings.pipelineParallel), settings);
}

function stagesOf(
  groups: readonly CacheGroup[],
  layersOfStages: readonly number[],
  settings: KvCacheSettings,
): KvCacheLayout {
  let start = 0;
  const stages = layersOfStages.map((layers) => {
    const stage = stageLayout(groups, start, start + layers, settings);
    start += layers;
    return stage;
  });
  const attentionFree = groups.every((group) => group.spec?.kind === 'state');
  return { stages, attentionFree };
}

/** Blocks that one request of `length` tokens holds in a group. */
export function groupBlocks(group: CacheGroup, length: number, settings: KvCacheSettings): number {
  const demand = {
    length,
    inFlightTokens: maxInFlightTokens(settings),
    contextParallel: settings.decodeContextParallel ?? 1,
  };
  if (group.spec) return requestBlocks(group.spec, demand);
  return Math.max(0, ...group.caches.map(({ spec }) => requestBlocks(spec, demand)));
}

function stageLayout(
  groups: readonly CacheGroup[],
  start: number,
  end: number,
  settings: KvCacheSettings,
): StageLayout {
  const own = groups.map((group) => {
    const caches = group.caches.filter(({ layer }) => layer >= start && layer < end);
    return {
      group: { caches, spec: group.spec },
      counted: caches.length > 0 ? distinct({ ...group, caches }) : distinct(group),
    };
  });
  return {
    groups: own.map(({ group }) => group),
    bytesPerBlock: Math.max(
      0,
      ...own.map(({ group }) => group.caches.reduce((sum, { spec }) => sum + spec.pageBytes, 0)),
    ),
    blocksPerRequest: (length) =>
      own.reduce((sum, { counted }) => sum + groupBlocks(counted, length, settings), 0),
  };
}

/** The group with one cache of each spec: enough to count blocks, and quicker. */
function distinct(group: CacheGroup): CacheGroup {
  if (group.spec) return { caches: [], spec: group.spec };
  const seen = new Map(group.caches.map((cache) => [`${cache.spec.shape} ${cache.spec.blockSize}`, cache]));
  return { caches: [...seen.values()], spec: null };
}
