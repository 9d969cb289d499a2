import type { AgentPool } from '@azure/arm-containerservice';
import { EXIT } from '../exit-code';
import { serviceFault } from '../faults/fault';
import { isOwned } from '../pools/ownership';
import { faultText } from '../report/event';
import { finish } from '../reconcile/operation';
import { adviceFor, exitCodeOf } from '../faults/consequence';
import { backoffMs, withRetries } from '../retry';
import type { Session } from '../session';
import { acquireLease, RunError, settledCluster } from './begin';
import { orphansOf } from './plan';
import { resultOf, type PoolResult, type RunResult } from './result';

const DELETE_TIMEOUT_SECONDS = 1800;

/** The guards of `prune`. */
export interface PruneOptions {
  /** Without it, what would go is shown and nothing is done. */
  readonly yes: boolean;
  /** More pools than this at once are refused. */
  readonly maxPools: number;
  /** A larger share of the owner's pools than this is refused. */
  readonly maxPercent: number;
}

/**
 * Deletes the owner's pools that the document no longer names.
 *
 * @throws RunError when a guard refuses; then nothing has been deleted
 */
export async function prune(session: Session, options: PruneOptions): Promise<RunResult> {
  const { azure, document, report } = session.parts;
  if (options.yes) await acquireLease(session);
  await settledCluster(session);
  const existing = await withRetries(session, 'listing the pools', () => azure.list());
  const orphans = orphansOf(existing, document.owner, document.pools);
  checkGuards(existing, orphans, document.owner, options);
  if (!options.yes) {
    return resultOf(
      orphans.map((pool) => ({
        pool: pool.name ?? '',
        result: 'to-delete',
        exitCode: EXIT.changes,
        message: `${pool.count ?? 0} nodes of ${pool.vmSize ?? '?'}; --yes deletes it`,
      })),
    );
  }
  const results: PoolResult[] = [];
  for (const pool of orphans) {
    report({
      level: 'warning',
      event: 'pool-delete',
      pool: pool.name ?? '',
      message: `deleting ${pool.count ?? 0} nodes of ${pool.vmSize ?? '?'}`,
    });
    const result = await deletePool(session, pool.name ?? '');
    report({
      level: result.exitCode === EXIT.converged ? 'info' : 'error',
      event: 'pool-deleted',
      pool: result.pool,
      message: result.message,
    });
    results.push(result);
  }
  return resultOf(results);
}

function checkGuards(
  existing: readonly AgentPool[],
  orphans: readonly AgentPool[],
  owner: string,
  { maxPools, maxPercent }: PruneOptions,
): void {
  const names = orphans.map(({ name }) => name).join(', ');
  const system = orphans.find(({ mode }) => mode !== 'User');
  if (system) {
    throw new RunError(
      `pool ${system.name ?? ''} is of mode ${system.mode ?? 'unknown'} and is never deleted; take our tags off it`,
      EXIT.foreign,
    );
  }
  if (orphans.length > maxPools) {
    throw new RunError(
      `${orphans.length} pools would go (${names}), more than --max-pools ${maxPools}`,
      EXIT.invalid,
    );
  }
  const owned = existing.filter((pool) => isOwned(pool.tags, owner)).length;
  if (orphans.length * 100 > owned * maxPercent) {
    throw new RunError(
      `${orphans.length} of ${owned} pools of ${owner} would go (${names}), more than --max-percent ${maxPercent}: is this the right document?`,
      EXIT.invalid,
    );
  }
}

async function deletePool(session: Session, name: string): Promise<PoolResult> {
  const { azure, document } = session.parts;
  for (let attempt = 1; ; attempt++) {
    const actual = await withRetries(session, `reading pool ${name}`, () => azure.get(name));
    if (!actual) return { pool: name, result: 'deleted', exitCode: EXIT.converged, message: 'deleted' };
    // It is read once more right before the write: the list may be minutes old by now.
    if (!isOwned(actual.tags, document.owner) || actual.mode !== 'User' || !actual.eTag) {
      return {
        pool: name,
        result: 'foreign',
        exitCode: EXIT.foreign,
        message: 'is no longer ours; left alone',
      };
    }
    try {
      await session.keepLease();
      const operation = await azure.delete(name, actual.eTag);
      await finish(session, operation, name, 'deletion', DELETE_TIMEOUT_SECONDS);
    } catch (error) {
      const fault = serviceFault(error);
      if (!fault) throw error;
      const passing = ['busy', 'etag', 'throttled', 'transient'].includes(fault.class);
      if (!passing || session.isOver) {
        return {
          pool: name,
          result: 'failed',
          exitCode: exitCodeOf(fault.class),
          message: `${faultText(fault)}; ${adviceFor(fault.class)}`,
        };
      }
      await session.pause(Math.max((fault.retryAfterSeconds ?? 0) * 1000, backoffMs(session, attempt + 2)));
    }
  }
}
