import { deepEqual, ok } from 'node:assert/strict';
import { POOL_LABEL } from '../bench/azure/agent-pool-nodes';
import type { Cluster } from '../bench/cluster/cluster';
import type { Manifest } from '../bench/cluster/manifest';
import type { AgentPool } from '../bench/tree/agent-pools';
import { NODE_GROUP_LABEL, type Workload } from '../bench/tree/fleet';
import { podsOf } from './nodes';

interface Node extends Manifest {
  readonly spec: { readonly taints?: readonly { key: string; value?: string; effect: string }[] };
  readonly status: { readonly allocatable: Readonly<Record<string, string>> };
}

/**
 * Prove that a pool has the nodes that are rendered (as many, of one of its machine types, labels, taints, GPUs), and that the
 * workloads which select them run there.
 */
export async function agentPoolIsMade(
  cluster: Cluster,
  pool: AgentPool,
  workloads: readonly Workload[],
): Promise<void> {
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
  const names = new Set(nodes.map(({ metadata }) => metadata.name));
  const group = pool.labels[NODE_GROUP_LABEL];
  const own = workloads.filter(({ spec }) => spec.template.spec.nodeSelector?.[NODE_GROUP_LABEL] === group);
  ok(own.length > 0, `something runs on the nodes of ${pool.name}`);
  for (const workload of own) {
    for (const { metadata, spec } of await podsOf(cluster, workload)) {
      ok(names.has(spec.nodeName ?? ''), `pod ${metadata.name} is on ${spec.nodeName ?? 'no node'}`);
    }
  }
}
