import type { HealthRule } from '../../../src/gitops/health';

/** What Flux makes of an object. */
export type FluxVerdict = 'Current' | 'InProgress' | 'Failed';

/** An object as far as the rules look at it. */
export interface Judged {
  readonly metadata: { readonly generation: number };
  readonly spec: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
}

/** As Flux does: an object without a status is in progress; else inProgress, failed and current are asked, in this order. */
export async function runCel(cel: NonNullable<HealthRule['cel']>, object: Judged): Promise<FluxVerdict> {
  if (object.status === undefined) return 'InProgress';
  const { evaluate } = await import('@marcbachmann/cel-js');
  // CEL tells integers from floating-point numbers; Kubernetes' are integers.
  const context = JSON.parse(JSON.stringify(object), (_, value: unknown) =>
    typeof value === 'number' ? BigInt(value) : value,
  ) as Record<string, unknown>;
  const holds = (expression: string | undefined): boolean =>
    expression !== undefined && evaluate(expression, context) === true;
  if (holds(cel.inProgress)) return 'InProgress';
  if (holds(cel.failed)) return 'Failed';
  return holds(cel.current) ? 'Current' : 'InProgress';
}
