/** A place in a file, counted from 1 as editors do. */
export interface FilePosition {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A place in a TypeScript program: the path of the construct, as in `fleet/prod/chat`. */
export interface ConstructPosition {
  readonly construct: string;
}

/** Where a problem was seen. */
export type Position = FilePosition | ConstructPosition;

/** A field of the input: where it stands, and what it is called there. */
export interface Place {
  readonly position: Position;
  /** Path of the field as the user writes it, such as `inference.preset.name`; empty for the whole document. */
  readonly field: string;
}

/**
 * One thing that is wrong (error) or that the reader should know (warning). Problems are data: rooms collect
 * them, and only the edge (CLI, `Fleet.synth`) prints them.
 */
export interface Problem extends Place {
  readonly severity: 'error' | 'warning';
  /** Stable identifier of the rule in kebab case, such as `unknown-model`. */
  readonly code: string;
  /** What is wrong with which value: lower case, no full stop. */
  readonly message: string;
  /** What would be accepted. */
  readonly allowed?: string;
  /** What to do next. */
  readonly next?: string;
}

/** Thrown at the edge when a run met at least one error; carries every problem of the run. */
export class InvalidInputError extends Error {
  override readonly name = 'InvalidInputError';

  constructor(readonly problems: readonly Problem[]) {
    const errors = problems.filter((problem) => problem.severity === 'error').length;
    super(`${errors} ${errors === 1 ? 'error' : 'errors'} in the input`);
  }
}

/** True when `problems` holds at least one error. */
export function hasErrors(problems: readonly Problem[]): boolean {
  return problems.some((problem) => problem.severity === 'error');
}
