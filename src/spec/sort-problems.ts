import type { Problem } from './problem';

/**
 * `problems` once each, in the order of `files`, then of their lines; those without a file come last.
 *
 * @param files default: in the order in which the problems name them first
 */
export function inTextOrder(problems: readonly Problem[], files = filesOf(problems)): Problem[] {
  const order = new Map(files.map((file, index) => [file, index]));
  const keyOf = ({ position }: Problem): readonly number[] =>
    'file' in position
      ? [order.get(position.file) ?? files.length, position.line, position.column]
      : [files.length + 1];
  const unique = new Map(problems.map((problem) => [JSON.stringify(problem), problem]));
  return [...unique.values()].sort((a, b) => compare(keyOf(a), keyOf(b)));
}

function filesOf(problems: readonly Problem[]): readonly string[] {
  return [...new Set(problems.flatMap(({ position }) => ('file' in position ? [position.file] : [])))];
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [index, value] of a.entries()) {
    const difference = value - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
