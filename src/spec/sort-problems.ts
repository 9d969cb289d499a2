import type { Problem } from './problem';

/** `problems` once each, in the order of `files`, then of their lines; those without a file come last. */
export function inTextOrder(problems: readonly Problem[], files: readonly string[]): Problem[] {
  const order = new Map(files.map((file, index) => [file, index]));
  const keyOf = ({ position }: Problem): readonly number[] =>
    'file' in position
      ? [order.get(position.file) ?? files.length, position.line, position.column]
      : [files.length + 1];
  const unique = new Map(problems.map((problem) => [JSON.stringify(problem), problem]));
  return [...unique.values()].sort((a, b) => compare(keyOf(a), keyOf(b)));
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [index, value] of a.entries()) {
    const difference = value - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
