import { isScalar, visit, type Document } from 'yaml';

/**
 * Offsets of the keys that stand twice in one map of `document`. The parser's own check compares each key with every
 * other one, which takes minutes for a map of a hundred thousand.
 */
export function duplicateKeys(document: Document): number[] {
  const offsets: number[] = [];
  visit(document, {
    Map(_, { items }) {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        if (seen.has(key.value)) offsets.push(key.range?.[0] ?? 0);
        seen.add(key.value);
      }
    },
  });
  return offsets;
}
