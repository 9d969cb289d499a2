/** Do `work` for each of `items`, at most `count` at once, and return the results in the order of the items. */
export async function inTurns<T, R>(
  items: readonly T[],
  count: number,
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results = new Map<number, R>();
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) results.set(index, await work(item));
  };
  await Promise.all(Array.from({ length: Math.max(1, count) }, worker));
  return items.map((_, index) => results.get(index) as R);
}
