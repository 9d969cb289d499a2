import type { AgentPool } from '@azure/arm-containerservice';
import type { PoolSpec } from '../pools/document';
import { isClaimed, isOwned } from '../pools/ownership';
import { immutableDifferences, mutableDifferences, type Difference } from './difference';

/** What a pool needs. */
export type Decision =
  | { readonly action: 'create' }
  | { readonly action: 'noop'; readonly actual: AgentPool }
  | {
      readonly action: 'update';
      readonly actual: AgentPool;
      readonly differences: readonly Difference[];
      /** Number of nodes to ask for; ignored when the pool scales by itself. */
      readonly count: number;
    }
  /** Azure cannot change it in place, or it is not allowed to. */
  | {
      readonly action: 'blocked';
      readonly actual: AgentPool;
      readonly reason: 'immutable' | 'scale-down' | 'stopped';
      readonly differences: readonly Difference[];
    }
  | { readonly action: 'foreign'; readonly actual: AgentPool }
  /** Ours, and its last operation failed. */
  | { readonly action: 'failed'; readonly actual: AgentPool }
  /** Something is being done to it. */
  | { readonly action: 'wait'; readonly actual: AgentPool; readonly state: string };

/** What the user allows. */
export interface Permissions {
  /** Take over a pool of that name that no other owner's tags claim. */
  readonly adopt: boolean;
  readonly allowScaleDown: boolean;
}

const SETTLED_STATES = ['Succeeded', 'Failed', 'Canceled'];

/** Number of nodes to write for a pool without autoscaling: never less than it has, unless that is allowed. */
export function nodesToAskFor(pool: PoolSpec, actual: AgentPool, permissions: Permissions): number {
  const running = actual.count ?? 0;
  const desired = pool.count ?? running;
  return permissions.allowScaleDown ? desired : Math.max(desired, running);
}

/** Compares a pool with what it should be. Pure. */
export function decide(
  pool: PoolSpec,
  actual: AgentPool | undefined,
  owner: string,
  permissions: Permissions,
): Decision {
  if (!actual) return { action: 'create' };
  if (!isOwned(actual.tags, owner) && !(permissions.adopt && !isClaimed(actual.tags))) {
    return { action: 'foreign', actual };
  }
  // Azure adds states now and then: an unknown one counts as in progress.
  const state = actual.provisioningState ?? 'Succeeded';
  if (!SETTLED_STATES.includes(state)) return { action: 'wait', actual, state };
  if (state !== 'Succeeded') return { action: 'failed', actual };
  const immutable = immutableDifferences(pool, actual);
  if (immutable.length > 0) {
    return { action: 'blocked', actual, reason: 'immutable', differences: immutable };
  }
  if (actual.powerState?.code === 'Stopped') {
    return { action: 'blocked', actual, reason: 'stopped', differences: [] };
  }
  const differences = mutableDifferences(pool, actual, owner);
  const count = nodesToAskFor(pool, actual, permissions);
  const held = pool.count !== undefined && count > pool.count;
  const applicable = held ? differences.filter(({ field }) => field !== 'count') : differences;
  if (applicable.length > 0) {
    return { action: 'update', actual, differences: applicable, count };
  }
  if (held) return { action: 'blocked', actual, reason: 'scale-down', differences };
  return { action: 'noop', actual };
}
