import type { AgentPool, ManagedCluster } from '@azure/arm-containerservice';
import { combineExitCodes, EXIT, type ExitCode } from '../exit-code';
import { ServiceError } from '../faults/fault';
import { faultText } from '../report/event';
import type { PoolSpec } from '../pools/document';
import { isOwned } from '../pools/ownership';
import { decide, type Decision, type Permissions } from '../reconcile/decide';
import { candidateOf, differenceText, type Difference } from '../reconcile/difference';
import { autoscaleRefused } from '../reconcile/outcome';
import type { AzureCompute } from '../quota/compute';
import { preflight, type QuotaFinding, type WantedNodes } from '../quota/preflight';
import { withRetries } from '../retry';
import type { Session } from '../session';
import { isAutoProvisioned } from './begin';

/** What `apply` would do with one pool. */
interface PlannedPool {
  readonly pool: string;
  readonly action: Decision['action'];
  /** The machine type that exists, or the first that would be tried. */
  readonly vmSize: string;
  readonly nodes: string;
  readonly differences: readonly Difference[];
  readonly message: string;
}

/** What `apply` would do. */
export interface Plan {
  readonly cluster: string;
  readonly owner: string;
  readonly pools: readonly PlannedPool[];
  /** Our pools that the document does not name: `prune` would remove them. */
  readonly orphans: readonly string[];
  /** What quota and the region's offer say about the machines to be made; null when that could not be asked. */
  readonly quota: readonly QuotaFinding[] | null;
  /** Why quota was not asked, when it was not. */
  readonly quotaNote: string | null;
  readonly exitCode: ExitCode;
}

/** Compares the document with the cluster. Changes nothing and takes no lease. */
export async function plan(
  session: Session,
  permissions: Permissions,
  compute: AzureCompute | null,
): Promise<Plan> {
  const { azure, document } = session.parts;
  const cluster = await withRetries(session, 'reading the cluster', () => azure.cluster());
  const existing = await withRetries(session, 'listing the pools', () => azure.list());
  const decided = document.pools.map((pool) => {
    const actual = existing.find(({ name }) => name === pool.name);
    const refused = isAutoProvisioned(cluster) && pool.autoscale ? autoscaleRefused(pool.name) : undefined;
    return { pool, actual, refused, decision: decide(pool, actual, document.owner, permissions) };
  });
  const { quota, quotaNote } = await quotaOf(
    session,
    cluster,
    compute,
    decided.flatMap(({ pool, decision, refused }) => (refused ? [] : nodesToAdd(pool, decision))),
  );
  return {
    cluster: document.cluster.name,
    owner: document.owner,
    pools: decided.map(({ pool, actual, decision, refused }) => ({
      ...planned(pool, actual, decision),
      ...(refused ? { action: 'blocked' as const, message: refused.message } : {}),
    })),
    orphans: orphansOf(existing, document.owner, document.pools).map(({ name }) => name ?? ''),
    quota,
    quotaNote,
    exitCode: combineExitCodes(
      decided.map(({ decision, refused }) => refused?.exitCode ?? exitCodeOfDecision(decision)),
    ),
  };
}

/** Pools of `owner` that `described` does not name, by name. */
export function orphansOf(
  existing: readonly AgentPool[],
  owner: string,
  described: readonly PoolSpec[],
): readonly AgentPool[] {
  const names = new Set(described.map(({ name }) => name));
  return existing
    .filter((pool) => isOwned(pool.tags, owner) && !names.has(pool.name ?? ''))
    .sort((left, right) => ((left.name ?? '') < (right.name ?? '') ? -1 : 1));
}

function planned(pool: PoolSpec, actual: AgentPool | undefined, decision: Decision): PlannedPool {
  const differences = 'differences' in decision ? decision.differences : [];
  return {
    pool: pool.name,
    action: decision.action,
    vmSize: actual?.vmSize ?? pool.candidates[0]?.vmSize ?? '',
    nodes: pool.autoscale ? `${pool.autoscale.min}-${pool.autoscale.max}` : String(pool.count ?? 0),
    differences,
    message: messageOf(pool, decision, differences),
  };
}

function messageOf(pool: PoolSpec, decision: Decision, differences: readonly Difference[]): string {
  switch (decision.action) {
    case 'create':
      return `create; candidates: ${pool.candidates.map(({ vmSize, priority }) => vmSize + (priority === 'Spot' ? ' (spot)' : '')).join(', ')}`;
    case 'noop':
      return 'nothing to do';
    case 'update':
      return differences.map(differenceText).join('; ');
    case 'blocked':
      return `${decision.reason}: ${differences.map(differenceText).join('; ') || 'start it first'}`;
    case 'foreign':
      return 'a pool of this name belongs to someone else';
    case 'failed':
      return 'its last operation failed: write it once more, then delete it if nothing runs on it and try the next candidate';
    case 'wait':
      return `wait: it is ${decision.state}`;
  }
}

function exitCodeOfDecision(decision: Decision): ExitCode {
  switch (decision.action) {
    case 'noop':
      return EXIT.converged;
    case 'blocked':
      return EXIT.drift;
    case 'foreign':
      return EXIT.foreign;
    default:
      return EXIT.changes;
  }
}

/** What a pool that is made, or gets more nodes, takes of the quota. */
function nodesToAdd(pool: PoolSpec, decision: Decision): readonly WantedNodes[] {
  const least = pool.autoscale?.min ?? pool.count ?? 0;
  if (decision.action === 'create') {
    return [{ pool: pool.name, candidates: pool.candidates, nodes: least }];
  }
  if (decision.action !== 'update') return [];
  const candidate = pool.candidates[candidateOf(pool, decision.actual) ?? 0];
  const nodes = least - (decision.actual.count ?? 0);
  return candidate && nodes > 0 ? [{ pool: pool.name, candidates: [candidate], nodes }] : [];
}

async function quotaOf(
  session: Session,
  cluster: ManagedCluster,
  compute: AzureCompute | null,
  wanted: readonly WantedNodes[],
): Promise<Pick<Plan, 'quota' | 'quotaNote'>> {
  if (!compute) return { quota: null, quotaNote: 'not asked for' };
  if (wanted.length === 0) return { quota: [], quotaNote: null };
  try {
    const location = cluster.location;
    return { quota: await preflight(session, compute, location, wanted), quotaNote: null };
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    return { quota: null, quotaNote: faultText(error.fault) };
  }
}
