import { deepEqual, ok } from 'node:assert/strict';
import { POOL_LABEL } from '../bench/azure/agent-pool-nodes';
import type { Cluster } from '../bench/cluster/cluster';
import type { Manifest } from '../bench/cluster/manifest';

/** What the provisioner is told to make, as far as nodes show it. */
interface Pool {
  readonly name: string;
  readonly candidates: readonly { readonly vmSize: string; readonly gpusPerNode: number }[];
  readonly count?: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly string[];
}

interface Node extends Manifest {
  readonly spec: { readonly taints?: readonly { key: string; value?: string; effect: string }[] };
  readonly status: { readonly allocatable: Readonly<Record<string, string>> };
}

/** The pools that are rendered for a cluster. */
export function agentPoolsOf(objects: readonly Manifest[]): readonly Pool[] {
  return objects.flatMap(({ kind, data }) => {
    const text = kind === 'ConfigMap' ? (data as Readonly<Record<string, string>>)['pools.json'] : undefined;
    return text === undefined ? [] : (JSON.parse(text) as { readonly pools: readonly Pool[] }).pools;
  });
}

/** Prove that a pool has the nodes that are rendered: as many, of one of its machine types, labels, taints, GPUs. */
export async function agentPoolIsMade(cluster: Cluster, pool: Pool): Promise<void> {
  const nodes = await cluster.list<Node>('v1', 'Node', { labelSelector: `${POOL_LABEL}=${pool.name}` });
  ok(nodes.length === pool.count, `${nodes.length} nodes of ${pool.name}, not ${pool.count ?? 'none'}`);
  for (const { metadata, spec, status } of nodes) {
    const machine = pool.candidates.find(
      ({ vmSize }) => vmSize === metadata.labels?.['node.kubernetes.io/instance-type'],
    );
    ok(machine !== undefined, `the machine type of ${metadata.name} is a candidate of ${pool.name}`);
    deepEqual({ ...metadata.labels, ...pool.labels }, metadata.labels, `labels of ${metadata.name}`);
    deepEqual(
      (spec.taints ?? []).map(({ key, value, effect }) => `${key}=${value ?? ''}:${effect}`),
      pool.taints,
      `taints of ${metadata.name}`,
    );
    deepEqual(status.allocatable['nvidia.com/gpu'], String(machine.gpusPerNode), `GPUs of ${metadata.name}`);
  }
}
