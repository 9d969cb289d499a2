import { sameBlockCount, type CacheGroup, type LayerCache } from './layer-spec';

interface Bucket {
  readonly caches: LayerCache[];
  readonly byPage: Map<number, LayerCache[]>;
}

/**
 * Groups caches of different page sizes side by side in each block, as vLLM 0.32 packs DeepSeek-V4
 * (`_get_packed_kv_cache_groups`).
 *
 * A bucket holds caches that need the same number of blocks. A balanced bucket, with as many layers of each page size, is
 * a pattern that repeats; buckets are split so that every group covers about as many repeats.
 *
 * @returns null when all pages have one size
 */
export function packedGroups(caches: readonly LayerCache[]): readonly CacheGroup[] | null {
  if (new Set(caches.map(({ spec }) => spec.pageBytes)).size <= 1) return null;
  const buckets = bucketsOf(caches);
  const repeats = buckets.map(largestPageCount);
  const balanced = buckets.map(isBalanced);
  const wholeRepeats = Math.max(
    0,
    ...buckets.flatMap((bucket, index) =>
      balanced[index] === true && bucket.byPage.size > 1 ? [repeats[index] ?? 0] : [],
    ),
  );
  const perGroup =
    wholeRepeats > 0
      ? leastPadding(
          repeats.filter((_, index) => balanced[index]),
          wholeRepeats,
        )
      : null;
  return buckets.flatMap((bucket, index) => {
    const groups =
      balanced[index] === true && perGroup !== null ? Math.ceil((repeats[index] ?? 0) / perGroup) : 1;
    return split(bucket, groups).map((members) => ({ caches: members, spec: null }));
  });
}

function bucketsOf(caches: readonly LayerCache[]): Bucket[] {
  const buckets: Bucket[] = [];
  for (const cache of caches) {
    let bucket = buckets.find((candidate) => {
      const first = candidate.caches[0];
      return first !== undefined && sameBlockCount(first.spec, cache.spec);
    });
    if (!bucket) {
      bucket = { caches: [], byPage: new Map() };
      buckets.push(bucket);
    }
    bucket.caches.push(cache);
    const page = bucket.byPage.get(cache.spec.pageBytes);
    if (page) page.push(cache);
    else bucket.byPage.set(cache.spec.pageBytes, [cache]);
  }
  return buckets;
}

function isBalanced(bucket: Bucket): boolean {
  return new Set([...bucket.byPage.values()].map((page) => page.length)).size === 1;
}

function largestPageCount(bucket: Bucket): number {
  return Math.max(...[...bucket.byPage.values()].map((page) => page.length));
}

/** The group size from `lowest` on that wastes the fewest layers; the largest of those that waste as few. */
function leastPadding(counts: readonly number[], lowest: number): number {
  let best = { size: lowest, padding: Infinity };
  for (let size = lowest; size <= Math.max(lowest, ...counts); size++) {
    const padding = counts.reduce((sum, count) => sum + ((size - (count % size)) % size), 0);
    if (padding <= best.padding) best = { size, padding };
  }
  return best.size;
}

/** Deals the repeats of a bucket's pattern out to `groups` in turn. */
function split(bucket: Bucket, groups: number): LayerCache[][] {
  if (groups === 1) return [bucket.caches];
  const pages = [...bucket.byPage.values()];
  const repeats = Math.min(...pages.map((page) => page.length));
  const hands = Array.from({ length: groups }, (): LayerCache[] => []);
  for (let repeat = 0; repeat < repeats; repeat++) {
    hands[repeat % groups]?.push(...pages.flatMap((page) => page[repeat] ?? []));
  }
  return hands;
}
