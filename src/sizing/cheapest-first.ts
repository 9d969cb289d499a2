import type { Placement, SizingAnswer } from './placement';

/** The placements by price, those without a known price last; then by nodes, then by name. */
export function cheapestFirst(answer: SizingAnswer): readonly Placement[] {
  return answer.placements.toSorted(
    (a, b) =>
      (a.pricePerHour ?? Infinity) - (b.pricePerHour ?? Infinity) ||
      byPriceKnown(a, b) ||
      a.nodes - b.nodes ||
      compare(a.machine.name, b.machine.name),
  );
}

/** Infinity minus Infinity is not a number, and so no order. */
function byPriceKnown(a: Placement, b: Placement): number {
  return Number(a.pricePerHour === null) - Number(b.pricePerHour === null);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
