/**
 * `value` without its empty lists: the API server forgets them, so that Argo CD would see a difference for ever. Empty maps
 * stay: `emptyDir: {}` is a volume.
 */
export function withoutEmptyLists<T>(value: T): T {
  return cleared(value) as T;
}

function cleared(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(cleared);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([, member]) => !(Array.isArray(member) && member.length === 0));
  return Object.fromEntries(kept.map(([key, member]) => [key, cleared(member)]));
}
