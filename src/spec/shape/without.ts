import { child } from '../fields';

/** A copy of `value` without the fields whose paths are in `removed`; list entries leave a hole, so that indices stay. */
export function without(value: unknown, removed: ReadonlySet<string>, field = ''): unknown {
  if (removed.has(field)) return undefined;
  if (Array.isArray(value))
    return value.map((item: unknown, index) => without(item, removed, child(field, index)));
  if (typeof value !== 'object' || value === null) return value;
  const kept: [string, unknown][] = [];
  for (const [key, item] of Object.entries(value)) {
    const path = child(field, key);
    if (!removed.has(path)) kept.push([key, without(item, removed, path)]);
  }
  return Object.fromEntries(kept);
}
