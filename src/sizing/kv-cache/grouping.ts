import { packedGroups } from './packed-groups';
import {
  sameBlockCount,
  sameSpec,
  seesEverything,
  type CacheGroup,
  type LayerCache,
  type LayerSpec,
} from './layer-spec';

/** A bucket may be this many times the smallest before it is cut to the smallest (vLLM 0.32, kv_cache_utils.py). */
const PAD_BELOW_RATIO = 1.5;

/** How the caches are to be grouped. */
export interface GroupingOptions {
  /** False gives sliding and chunked layers the blocks of full ones. */
  readonly hybridManager: boolean;
  /** The layout keeps all layers of a block together, so pages of any size may share it (DeepSeek-V4). */
  readonly blockOutermost: boolean;
}

/**
 * Groups the caches of the whole network as vLLM 0.32 does (`get_kv_cache_groups`).
 *
 * @returns the groups, or why vLLM could not start
 */
export function groupCaches(
  caches: readonly LayerCache[],
  options: GroupingOptions,
): readonly CacheGroup[] | { problem: string } {
  const managed = options.hybridManager ? caches : promoteLocal(caches);
  const first = managed[0];
  if (!first) return [];
  if (managed.every(({ spec }) => sameSpec(first.spec, spec))) return [{ caches: managed, spec: first.spec }];
  if (managed.every(({ spec }) => sameBlockCount(first.spec, spec))) return [{ caches: managed, spec: null }];
  if (options.blockOutermost) {
    const packed = packedGroups(managed);
    if (packed) return packed;
  }
  const unified = unifyPages(managed);
  if (unified) return equalGroups(unified);
  // Latent layers beside sliding ones whose pages do not divide: every layer gets full allocation.
  const promoted = promoteLocal(managed);
  const head = promoted[0];
  if (head && promoted.every(({ spec }) => sameBlockCount(head.spec, spec)))
    return [{ caches: promoted, spec: null }];
  return { problem: 'the pages of its layers have sizes that vLLM cannot make equal' };
}

/** Gives sliding and chunked layers the allocation of full attention, where there is any beside them. */
function promoteLocal(caches: readonly LayerCache[]): readonly LayerCache[] {
  const first = caches[0];
  if (!first || caches.every(({ spec }) => sameBlockCount(first.spec, spec))) return caches;
  const full = caches.filter(({ spec }) => seesEverything(spec));
  const blockSizes = new Set(full.map(({ spec }) => spec.blockSize));
  if (full.length === 0) return caches;
  const [blockSize] = blockSizes.size === 1 ? blockSizes : [];
  return caches.map((cache) => {
    const { spec } = cache;
    if (spec.kind !== 'sliding' && spec.kind !== 'chunked') return cache;
    const size = blockSize ?? spec.blockSize;
    const pageBytes = (spec.pageBytes / spec.blockSize) * size;
    return { ...cache, spec: { kind: 'full', shape: spec.shape, blockSize: size, pageBytes } };
  });
}

/** Makes all pages as large as the largest: by longer blocks where they divide it, else by padding. */
function unifyPages(caches: readonly LayerCache[]): readonly LayerCache[] | null {
  const largest = Math.max(...caches.map(({ spec }) => spec.pageBytes));
  const unified: LayerCache[] = [];
  for (const cache of caches) {
    const { spec } = cache;
    if (spec.pageBytes === largest) unified.push(cache);
    else if (spec.kind !== 'state' && largest % spec.pageBytes === 0) {
      const blockSize = spec.blockSize * (largest / spec.pageBytes);
      unified.push({ ...cache, spec: { ...spec, blockSize, pageBytes: largest } });
    } else if (spec.kind === 'mla') return null;
    else unified.push({ ...cache, spec: { ...spec, shape: `${spec.shape} padded`, pageBytes: largest } });
  }
  return unified;
}

/** Cuts the kinds of layers into groups of as equal a number of layers as possible. */
function equalGroups(caches: readonly LayerCache[]): readonly CacheGroup[] {
  const buckets: { readonly spec: LayerSpec; readonly caches: LayerCache[] }[] = [];
  for (const cache of caches) {
    const bucket = buckets.find(({ spec }) => sameSpec(spec, cache.spec));
    if (bucket) bucket.caches.push(cache);
    else buckets.push({ spec: cache.spec, caches: [cache] });
  }
  const counts = buckets.map((bucket) => bucket.caches.length);
  const smallest = Math.min(...counts);
  const largest = Math.max(...counts);
  const groupSize = largest < smallest * PAD_BELOW_RATIO ? largest : smallest;
  return buckets.flatMap(({ spec, caches: members }) =>
    everyNth(members, Math.ceil(members.length / groupSize)).map((group) => ({ caches: group, spec })),
  );
}

/** Deals `values` out to `hands` groups in turn, so that each pipeline stage has its share of every group. */
export function everyNth<T>(values: readonly T[], hands: number): T[][] {
  return Array.from({ length: hands }, (_, hand) => values.filter((_value, index) => index % hands === hand));
}
