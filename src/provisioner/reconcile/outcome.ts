import type { AgentPool } from '@azure/arm-containerservice';
import { EXIT, type ExitCode } from '../exit-code';
import { adviceFor, exitCodeOf } from '../faults/consequence';
import type { Fault } from '../faults/fault';
import type { PoolSpec } from '../pools/document';
import { TAGS } from '../pools/ownership';
import { faultText } from '../report/event';
import type { Refusal } from './attempts';
import type { Decision } from './decide';
import { differenceText } from './difference';

/** How one pool ended. */
export interface PoolOutcome {
  readonly pool: string;
  readonly result: 'unchanged' | 'created' | 'updated' | 'blocked' | 'foreign' | 'failed';
  readonly exitCode: ExitCode;
  /** What was done, or what is in the way and what to do: lower case, no full stop. */
  readonly message: string;
  /** The pool as Azure has it now, when it is usable. */
  readonly actual?: AgentPool;
  readonly fault?: Fault;
}

/** The outcome of a pool that needs nothing. */
export function unchanged(pool: PoolSpec, actual: AgentPool): PoolOutcome {
  return {
    pool: pool.name,
    result: 'unchanged',
    exitCode: EXIT.converged,
    message: 'is as described',
    actual,
  };
}

/** The outcome of a pool that a fault stands in the way of for good. */
export function failed(pool: string, fault: Fault, addition?: string): PoolOutcome {
  return {
    pool,
    result: 'failed',
    exitCode: exitCodeOf(fault.class),
    message: [faultText(fault), addition, adviceFor(fault.class)].filter(Boolean).join('; '),
    fault,
  };
}

/** The outcome of a pool of which Azure has refused every candidate. */
export function exhausted(pool: string, refusals: readonly Refusal[]): PoolOutcome {
  const last = refusals.at(-1)?.fault;
  const told = refusals.map(({ candidate, fault }) => `${candidate}: ${faultText(fault)}`).join('; ');
  return {
    pool,
    result: 'failed',
    exitCode: EXIT.unavailable,
    message: `no candidate could be had: ${told}; ${adviceFor(last?.class ?? 'capacity')}`,
    ...(last ? { fault: last } : {}),
  };
}

/** The outcome of a pool of that name that belongs to someone else. */
export function foreign(pool: string, actual: AgentPool): PoolOutcome {
  return {
    pool,
    result: 'foreign',
    exitCode: EXIT.foreign,
    message: `a pool of this name exists and is not ours (tag ${TAGS.owner}: ${actual.tags?.[TAGS.owner] ?? 'none'}); rename the pool, or take it over with --adopt`,
  };
}

/** The outcome of a pool that differs in what is not changed. */
export function blocked(pool: string, decision: Extract<Decision, { action: 'blocked' }>): PoolOutcome {
  const changes = decision.differences.map(differenceText).join('; ');
  const messages = {
    immutable: `cannot be changed in place: ${changes}; describe a pool under another name, move the workload, then prune this one`,
    'scale-down': `has more nodes than described and is not made smaller without --allow-scale-down: ${changes}`,
    stopped: `is stopped; start it with "az aks nodepool start", or remove it from the document`,
  };
  return {
    pool,
    result: 'blocked',
    exitCode: EXIT.drift,
    message: messages[decision.reason],
    actual: decision.actual,
  };
}

/** The outcome of a pool that was not begun before the run's time was up. */
export function outOfTime(pool: string): PoolOutcome {
  return {
    pool,
    result: 'failed',
    exitCode: EXIT.notReady,
    message: "not begun: this run's time (--timeout) is up; run again, which goes on from here",
  };
}

/**
 * The outcome of a pool that is to scale by itself where Node Auto Provisioning is on. AKS answers such a request with
 * a bare `OperationNotAllowed`.
 */
export function autoscaleRefused(pool: string): PoolOutcome {
  return {
    pool,
    result: 'failed',
    exitCode: EXIT.invalid,
    message:
      'autoscale is not possible where Node Auto Provisioning is on; give a count, or let Karpenter make the nodes',
  };
}
