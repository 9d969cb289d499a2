import { EXIT } from '../exit-code';
import { KubernetesError, type Kubernetes, type NodeState } from '../kubernetes/api';
import { isOwned } from '../pools/ownership';
import { withRetries } from '../retry';
import type { Session } from '../session';

/** US dollars an hour for one machine of a type; undefined when it is not known. */
export type HourlyPrices = (vmSize: string) => number | undefined;

/** One pool of the owner as it is now. */
export interface PoolStatus {
  readonly pool: string;
  /** False: the document does not name it, and it costs money. */
  readonly described: boolean;
  readonly state: string;
  readonly vmSize: string;
  readonly nodes: number;
  /** Null without access to Kubernetes. */
  readonly readyNodes: number | null;
  /** GPUs that the Ready nodes offer; null without access to Kubernetes. */
  readonly gpus: number | null;
  /** US dollars an hour, list price on demand; null when it is not known. */
  readonly pricePerHour: number | null;
}

/** The owner's pools and the ones that the document names but Azure does not have, by name. */
export async function status(session: Session, prices: HourlyPrices): Promise<readonly PoolStatus[]> {
  const { azure, kubernetes, document } = session.parts;
  const existing = await withRetries(session, 'listing the pools', () => azure.list());
  const nodes = kubernetes ? await nodesOrNull(session, kubernetes) : null;
  const owned = existing
    .filter((pool) => isOwned(pool.tags, document.owner))
    .map((pool): PoolStatus => {
      const name = pool.name ?? '';
      const price = prices(pool.vmSize ?? '');
      return {
        pool: name,
        described: document.pools.some((described) => described.name === name),
        state: pool.provisioningState ?? 'unknown',
        vmSize: pool.vmSize ?? '',
        nodes: pool.count ?? 0,
        ...nodeFigures(nodes, name),
        pricePerHour: price === undefined ? null : price * (pool.count ?? 0),
      };
    });
  const missing = document.pools
    .filter((pool) => !existing.some(({ name }) => name === pool.name))
    .map((pool): PoolStatus => ({
      pool: pool.name,
      described: true,
      state: 'missing',
      vmSize: pool.candidates[0]?.vmSize ?? '',
      nodes: 0,
      ...nodeFigures(nodes, pool.name),
      pricePerHour: null,
    }));
  return [...owned, ...missing].sort((left, right) => (left.pool < right.pool ? -1 : 1));
}

/** Azure's side is worth seeing even where the API server cannot be reached. */
async function nodesOrNull(session: Session, kubernetes: Kubernetes): Promise<readonly NodeState[] | null> {
  try {
    return await kubernetes.nodes();
  } catch (error) {
    if (!(error instanceof KubernetesError)) throw error;
    session.parts.report({ level: 'warning', event: 'nodes-unseen', message: error.message });
    return null;
  }
}

/** 0 when every described pool is there and settled and there is no orphan, else 3. */
export function exitCodeOfStatus(pools: readonly PoolStatus[]): typeof EXIT.converged | typeof EXIT.drift {
  return pools.every(({ described, state }) => described && state === 'Succeeded')
    ? EXIT.converged
    : EXIT.drift;
}

function nodeFigures(
  nodes: readonly NodeState[] | null,
  pool: string,
): Pick<PoolStatus, 'readyNodes' | 'gpus'> {
  if (!nodes) return { readyNodes: null, gpus: null };
  const ready = nodes.filter((node) => node.pool === pool && node.ready);
  const gpus = ready.reduce(
    (sum, node) =>
      sum +
      Object.entries(node.allocatable)
        .filter(([resource]) => /^(nvidia|amd)\.com\//.test(resource))
        .reduce((all, [, count]) => all + count, 0),
    0,
  );
  return { readyNodes: ready.length, gpus };
}
