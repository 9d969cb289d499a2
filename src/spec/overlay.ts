/** Any part of `T`, at any depth; arrays are given whole. */
export type Overlay<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [K in keyof T]?: Overlay<T[K]> }
    : T;

/**
 * `base` with the fields of `changes` instead of its own, at any depth: what differs between environments, written once.
 * Arrays are replaced, not joined. Neither argument is changed.
 *
 * @example
 * const chat: WorkspaceProps = { inference: { preset: { name: 'phi-4-mini-instruct' }, replicas: 3 } };
 * new Workspace(staging, 'chat', overlay(chat, { inference: { replicas: 1 } }));
 */
export function overlay<T extends object>(base: T, changes: Overlay<T>): T {
  const merged = new Map<string, unknown>(Object.entries(base));
  for (const [key, change] of Object.entries(changes) as [string, unknown][]) {
    if (change === undefined) continue;
    const own = merged.get(key);
    merged.set(key, isPlain(own) && isPlain(change) ? overlay(own, change) : change);
  }
  return Object.fromEntries(merged) as T;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
