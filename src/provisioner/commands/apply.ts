import { EXIT } from '../exit-code';
import { serviceFault } from '../faults/fault';
import type { PoolSpec, WaitLevel } from '../pools/document';
import { isOwned } from '../pools/ownership';
import { decide } from '../reconcile/decide';
import { autoscaleRefused, foreign, outOfTime, unchanged, type PoolOutcome } from '../reconcile/outcome';
import { reconcilePool, type ReconcileOptions } from '../reconcile/reconcile-pool';
import { withRetries } from '../retry';
import type { Session } from '../session';
import { expectationOf, type Expectation, type GpuCounts } from '../wait/expectation';
import { waitForNodes } from '../wait/wait-for-nodes';
import { acquireLease, isAutoProvisioned, RunError, settledCluster } from './begin';
import { resultOf, type PoolResult, type RunResult } from './result';

/** What `apply` is allowed to do and how far it waits. */
export interface ApplyOptions extends ReconcileOptions {
  /** Overrides the pools' own level. */
  readonly wait: WaitLevel | undefined;
  readonly gpuCounts: GpuCounts;
}

/** Makes the pools what the document says, one after another, then waits for their nodes and GPUs, all at once. */
export async function apply(session: Session, options: ApplyOptions): Promise<RunResult> {
  const { azure, document, report } = session.parts;
  await acquireLease(session);
  const cluster = await settledCluster(session);
  const autoProvisioned = isAutoProvisioned(cluster);
  // One list instead of a read for each pool: a run that finds everything as described costs two requests.
  const existing = await withRetries(session, 'listing the pools', () => azure.list());
  const outcomes: PoolOutcome[] = [];
  for (const pool of document.pools) {
    const listed = existing.find(({ name }) => name === pool.name);
    const outcome =
      autoProvisioned && pool.autoscale
        ? autoscaleRefused(pool.name)
        : listed && decide(pool, listed, document.owner, options).action === 'noop'
          ? unchanged(pool, listed)
          : session.isOver
            ? outOfTime(pool.name)
            : await reconcilePool(session, pool, options);
    outcomes.push(outcome);
    report({
      level: outcome.exitCode === EXIT.converged ? 'info' : 'error',
      event: 'pool-outcome',
      pool: outcome.pool,
      message: outcome.message,
      ...(outcome.fault ? { class: outcome.fault.class, code: outcome.fault.code } : {}),
    });
    // Without a token, or without the cluster, no other pool will fare better.
    if (outcome.fault?.class === 'auth' || outcome.fault?.class === 'not-found') break;
  }
  const skipped: PoolResult[] = document.pools.slice(outcomes.length).map((pool) => ({
    pool: pool.name,
    result: 'skipped',
    exitCode: outcomes.at(-1)?.exitCode ?? EXIT.internal,
    message: 'not looked at, because the pool before it could not be',
  }));
  return waited(session, options, outcomes, skipped);
}

/** Waits for pools that exist, without changing anything. */
export async function wait(
  session: Session,
  options: Pick<ApplyOptions, 'wait' | 'gpuCounts'>,
): Promise<RunResult> {
  const { document, azure } = session.parts;
  const outcomes: PoolOutcome[] = [];
  for (const pool of document.pools) outcomes.push(await settled(pool));
  return waited(session, options, outcomes, []);

  async function settled(pool: PoolSpec): Promise<PoolOutcome> {
    for (;;) {
      const actual = await azure.get(pool.name).catch((error: unknown) => {
        const fault = serviceFault(error);
        if (fault?.class === 'transient' || fault?.class === 'throttled') return 'unknown' as const;
        throw error;
      });
      if (actual && actual !== 'unknown' && !isOwned(actual.tags, document.owner)) {
        return foreign(pool.name, actual);
      }
      const state = actual === 'unknown' ? 'unknown' : (actual?.provisioningState ?? 'not created yet');
      if (actual && actual !== 'unknown' && state === 'Succeeded') {
        return {
          pool: pool.name,
          result: 'unchanged',
          exitCode: EXIT.converged,
          message: 'Azure says Succeeded',
          actual,
        };
      }
      if (state === 'Failed' || state === 'Canceled' || session.isOver) {
        const message = `Azure says ${state}; "slipway provision apply" mends it`;
        return { pool: pool.name, result: 'failed', exitCode: EXIT.notReady, message };
      }
      session.parts.report({
        level: 'info',
        event: 'pool-busy',
        pool: pool.name,
        message: `is ${state}; waiting`,
      });
      await session.pause(15_000);
    }
  }
}

async function waited(
  session: Session,
  options: Pick<ApplyOptions, 'wait' | 'gpuCounts'>,
  outcomes: readonly PoolOutcome[],
  skipped: readonly PoolResult[],
): Promise<RunResult> {
  const { document, kubernetes } = session.parts;
  const expectations: Expectation[] = outcomes.flatMap((outcome) => {
    const pool = document.pools.find(({ name }) => name === outcome.pool);
    if (!pool || !outcome.actual || outcome.exitCode !== EXIT.converged) return [];
    const expected = expectationOf(pool, outcome.actual, options.wait, options.gpuCounts);
    return expected.level === 'arm' || expected.nodes === 0 ? [] : [expected];
  });
  if (expectations.length > 0 && !kubernetes) {
    throw new RunError(
      'waiting for nodes needs access to Kubernetes, and there is neither a service account nor a kubeconfig; give --wait arm to do without',
      EXIT.invalid,
    );
  }
  const waits = kubernetes ? await waitForNodes(session, kubernetes, expectations) : [];
  return resultOf([
    ...outcomes.map(({ pool, result, exitCode, message }): PoolResult => {
      const waitOutcome = waits.find((candidate) => candidate.pool === pool);
      if (!waitOutcome) return { pool, result, exitCode, message };
      return {
        pool,
        result: waitOutcome.exitCode === EXIT.converged ? result : 'not-ready',
        exitCode: waitOutcome.exitCode,
        message: waitOutcome.message,
      };
    }),
    ...skipped,
  ]);
}
