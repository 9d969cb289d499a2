import type { LayerBlock, LayerKind } from './model';

/** Longest repeated unit that is looked for; the longest in the catalogue has 11 layers. */
const LONGEST_UNIT = 24;

/** Each decoder layer's kind in order, from the runs of a preset. */
export function expandLayers(blocks: readonly LayerBlock[]): LayerKind[] {
  return blocks.flatMap(({ repeat, layers }) => {
    const unit = layers.flatMap(({ kind, count }) => Array<LayerKind>(count).fill(kind));
    return Array.from({ length: repeat }, () => unit).flat();
  });
}

/** The shortest description of a list of layers as repeated runs: the inverse of {@link expandLayers}. */
export function compressLayers(kinds: readonly LayerKind[]): LayerBlock[] {
  // best[i]: the cheapest description of the layers from i on.
  const best: { cost: number; block: LayerBlock | null; next: number }[] = Array.from(
    { length: kinds.length + 1 },
    () => ({ cost: Infinity, block: null, next: kinds.length }),
  );
  best[kinds.length] = { cost: 0, block: null, next: kinds.length };
  for (let start = kinds.length - 1; start >= 0; start--) {
    for (let size = 1; size <= kinds.length - start; size++) {
      const unit = runs(kinds.slice(start, start + size));
      if (unit.length > 1 && size > LONGEST_UNIT) break;
      for (let repeat = 1; ; repeat++) {
        const next = start + size * repeat;
        if (next > kinds.length || !sameUnit(kinds, start, size, repeat)) break;
        // One for the block itself, so that few blocks win over many.
        const cost = (best[next]?.cost ?? Infinity) + unit.length + 1;
        if (cost < (best[start]?.cost ?? Infinity)) {
          best[start] = { cost, block: { repeat, layers: unit }, next };
        }
        // A repeated run of one kind is a longer run.
        if (unit.length === 1) break;
      }
    }
  }
  const blocks: LayerBlock[] = [];
  for (let at = 0; at < kinds.length;) {
    const step = best[at];
    if (!step?.block) break;
    blocks.push(step.block);
    at = step.next;
  }
  return blocks;
}

/** True when the `repeat`-th unit of `size` layers equals the first; earlier ones were compared before. */
function sameUnit(kinds: readonly LayerKind[], start: number, size: number, repeat: number): boolean {
  const offset = start + size * (repeat - 1);
  for (let index = 0; index < size; index++) {
    if (kinds[offset + index] !== kinds[start + index]) return false;
  }
  return true;
}

/** Neighbours of one kind, counted. */
function runs(kinds: readonly LayerKind[]): { kind: LayerKind; count: number }[] {
  const result: { kind: LayerKind; count: number }[] = [];
  for (const kind of kinds) {
    const last = result.at(-1);
    if (last?.kind === kind) last.count += 1;
    else result.push({ kind, count: 1 });
  }
  return result;
}
