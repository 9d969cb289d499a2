/** Remembers what `make` made for each `owner` and key, as long as the owner lives. */
export function memoised<Value>(): (owner: object, key: string, make: () => Value) => Value {
  const byOwner = new WeakMap<object, Map<string, Value>>();
  return (owner, key, make) => {
    let known = byOwner.get(owner);
    if (!known) {
      known = new Map();
      byOwner.set(owner, known);
    }
    const found = known.get(key);
    if (found !== undefined) return found;
    const made = make();
    known.set(key, made);
    return made;
  };
}
