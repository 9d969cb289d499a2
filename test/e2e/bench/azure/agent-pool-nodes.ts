import type { FakeAzure } from '../../../provisioner/fake/azure';
import type { Cluster } from '../cluster/cluster';
import { conditionOf, refOf, type Manifest } from '../cluster/manifest';
import type { Machine } from '../control-plane/instance-types';
import { node } from '../surroundings/nodes';

/** Label of AKS by which the nodes of a pool are known. */
export const POOL_LABEL = 'kubernetes.azure.com/agentpool';
const UNINITIALIZED = {
  key: 'node.cloudprovider.kubernetes.io/uninitialized',
  value: 'true',
  effect: 'NoSchedule',
};

interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
}

interface Node extends Manifest {
  readonly spec?: { readonly taints?: readonly Taint[] };
  readonly status: { readonly allocatable: Readonly<Record<string, string>> };
}

/** Properties of a pool that decide what its nodes are. */
interface PoolProperties {
  readonly vmSize: string;
  readonly count: number;
  readonly nodeLabels?: Readonly<Record<string, string>>;
  readonly nodeTaints?: readonly string[];
}

/**
 * Plays the parts of AKS, of the cloud controller and of NVIDIA's device plugin: the nodes of each pool that has
 * succeeded register uninitialized and without GPUs, then lose the taint, then offer their GPUs; nodes of pools that
 * are gone go away.
 */
export async function makeAgentPoolNodes(
  cluster: Cluster,
  azure: FakeAzure,
  machines: readonly Machine[],
  offersGpus: (pool: string) => boolean,
): Promise<void> {
  const live = await cluster.list<Node>('v1', 'Node', { labelSelector: POOL_LABEL });
  const wanted = new Map<string, PoolProperties>();
  for (const [pool, { properties, provisioningState }] of azure.pools) {
    const its = properties as unknown as PoolProperties;
    // A pool keeps the nodes that it has while something is done to it.
    for (let index = 0; index < its.count; index++) {
      const name = `aks-${pool}-${index}`;
      const isThere = live.some(({ metadata }) => metadata.name === name);
      if (provisioningState === 'Succeeded' || isThere) wanted.set(name, its);
    }
  }
  for (const gone of live.filter(({ metadata }) => !wanted.has(metadata.name))) {
    await cluster.delete(refOf({ ...gone, apiVersion: 'v1', kind: 'Node' }));
  }
  for (const [name, properties] of wanted) {
    const there = live.find(({ metadata }) => metadata.name === name);
    const machine = machines.find((candidate) => candidate.name === properties.vmSize);
    if (machine === undefined) throw new Error(`no machine type ${properties.vmSize} in the catalogue`);
    const pool = name.split('-')[1] ?? '';
    if (there === undefined) await cluster.apply([registered(name, pool, properties, machine)]);
    else await develop(cluster, there, properties, machine, offersGpus(pool));
  }
}

function registered(name: string, pool: string, properties: PoolProperties, machine: Machine): Manifest {
  return {
    ...node(
      name,
      { cpu: String(machine.vcpus ?? 1), memory: String(machine.memoryBytes ?? 0) },
      {
        agentpool: pool,
        [POOL_LABEL]: pool,
        'kubernetes.azure.com/mode': 'user',
        'node.kubernetes.io/instance-type': properties.vmSize,
        ...properties.nodeLabels,
      },
    ),
    spec: { taints: [...(properties.nodeTaints ?? []).map(taintOf), UNINITIALIZED] },
  };
}

async function develop(
  cluster: Cluster,
  there: Node,
  { nodeTaints = [] }: PoolProperties,
  { gpu }: Machine,
  offersGpus: boolean,
): Promise<void> {
  const ref = { apiVersion: 'v1', kind: 'Node', name: there.metadata.name };
  if (conditionOf(there, 'Ready')?.status !== 'True') return;
  if (there.spec?.taints?.some(({ key }) => key === UNINITIALIZED.key)) {
    await cluster.patch(ref, { spec: { taints: nodeTaints.map(taintOf) } });
    return;
  }
  const resource = `${gpu.vendor}.com/gpu`;
  const gpus = { [resource]: offersGpus ? String(gpu.count ?? 0) : '0' };
  if ((there.status.allocatable[resource] ?? '0') === gpus[resource]) return;
  await cluster.patch(ref, { status: { capacity: gpus, allocatable: gpus } }, 'status');
}

function taintOf(text: string): Taint {
  const [, key = '', value = '', effect = ''] = /^([^=:]+)=([^:]*):(\w+)$/.exec(text) ?? [];
  return { key, value, effect };
}
