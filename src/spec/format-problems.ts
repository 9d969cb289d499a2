import pc from 'picocolors';
import type { Problem } from './problem';

/**
 * Problems for people: grouped by file or construct in the order of their first problem, those of a file in the order
 * of its lines, each with what is allowed and what to do next, then the count. Ends in a line feed; empty for no problems.
 *
 * @param withColors ANSI colours; for terminals only
 */
export function formatProblems(problems: readonly Problem[], withColors: boolean): string {
  if (problems.length === 0) return '';
  const colors = pc.createColors(withColors);
  const groups = new Map<string, Problem[]>();
  for (const problem of problems) {
    const place = placeOf(problem);
    const group = groups.get(place);
    if (group === undefined) groups.set(place, [problem]);
    else group.push(problem);
  }
  const blocks = [...groups].map(([place, group]) =>
    [
      colors.underline(place),
      ...group.toSorted(inText).map((problem) => formatProblem(problem, colors)),
    ].join('\n'),
  );
  return `${blocks.join('\n\n')}\n\n${countOf(problems)}\n`;
}

/** `2 errors, 1 warning`. */
export function countOf(problems: readonly Problem[]): string {
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const warnings = problems.length - errors;
  const parts = [
    ...(errors > 0 ? [`${errors} ${errors === 1 ? 'error' : 'errors'}`] : []),
    ...(warnings > 0 ? [`${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`] : []),
  ];
  return parts.join(', ');
}

/** Problems of one file in the order of its lines, whoever found them. */
function inText({ position: a }: Problem, { position: b }: Problem): number {
  return 'file' in a && 'file' in b ? a.line - b.line || a.column - b.column : 0;
}

function placeOf({ position }: Problem): string {
  return 'file' in position ? position.file : position.construct;
}

function formatProblem(problem: Problem, colors: ReturnType<typeof pc.createColors>): string {
  const { severity, position, field, message, allowed, next, code } = problem;
  const place =
    'file' in position ? `${position.file}:${position.line}:${position.column}` : position.construct;
  const label = severity === 'error' ? colors.red('error') : colors.yellow('warning');
  const subject = field === '' ? '' : `${colors.bold(field)}: `;
  const lines = [
    `  ${place}  ${label}  ${subject}${message}  ${colors.dim(code)}`,
    ...(allowed === undefined ? [] : [`      allowed: ${allowed}`]),
    ...(next === undefined ? [] : [`      next: ${next}`]),
  ];
  return lines.join('\n');
}
