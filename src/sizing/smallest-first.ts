import type { Placement, SizingAnswer } from './placement';

/** The placements by the GPU memory that they take, then by price and name: the first is the smallest that does. */
export function smallestFirst(answer: SizingAnswer): readonly Placement[] {
  return answer.placements.toSorted(
    (a, b) =>
      gpuBytes(a) - gpuBytes(b) ||
      (a.pricePerHour ?? Number.MAX_VALUE) - (b.pricePerHour ?? Number.MAX_VALUE) ||
      (a.machine.name < b.machine.name ? -1 : 1),
  );
}

function gpuBytes({ nodes, gpusPerNode, usableBytes }: Placement): number {
  return nodes * gpusPerNode * usableBytes;
}
