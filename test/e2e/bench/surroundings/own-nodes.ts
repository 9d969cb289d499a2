import type { Cluster } from '../cluster/cluster';
import { conditionOf, type Manifest } from '../cluster/manifest';
import { NODE_GROUP_LABEL, nodePoolsOf, type PodSpec } from '../tree/fleet';
import { node } from './nodes';

/** Resources that a machine has beside its CPUs, memory and disk: GPUs, whole or in parts. */
const DEVICE = /^(?:nvidia|amd)\.com\//;
/** What keeps other pods off GPU nodes; ours have to tolerate it. */
const TAINT = { key: 'nvidia.com/gpu', value: 'present', effect: 'NoSchedule' } as const;

interface Pod extends Manifest {
  readonly spec: PodSpec;
  readonly status: { readonly phase: string };
}

/**
 * Plays whoever else makes GPU nodes: a cluster's owner, or the agent pools of a cloud. A pod that no NodePool has nodes for
 * gets a node with the labels that it selects by and the devices that it asks for, and no more.
 */
export async function ownNodes(cluster: Cluster): Promise<void> {
  const pods = await cluster.list<Pod>('v1', 'Pod');
  const waiting = pods.filter((pod) => conditionOf(pod, 'PodScheduled')?.reason === 'Unschedulable');
  const homeless = waiting.filter(({ spec }) => Object.keys(devicesOf(spec)).length > 0);
  if (homeless.length === 0) return;
  const pools = nodePoolsOf(
    (await cluster.list<Manifest>('karpenter.sh/v1', 'NodePool')).map((pool) => ({
      ...pool,
      kind: 'NodePool',
    })),
  );
  const groups = new Set(pools.map(({ spec }) => spec.template.metadata?.labels?.[NODE_GROUP_LABEL]));
  const nodes = homeless.flatMap(({ metadata, spec }) => {
    const labels = spec.nodeSelector ?? {};
    if (groups.has(labels[NODE_GROUP_LABEL])) return [];
    const resources = { cpu: '128', memory: '2Ti', ...devicesOf(spec) };
    return [
      { ...node(`own-${metadata.uid ?? metadata.name}`, resources, labels), spec: { taints: [TAINT] } },
    ];
  });
  await cluster.apply(nodes);
}

function devicesOf({ containers }: PodSpec): Readonly<Record<string, string>> {
  return Object.fromEntries(
    containers.flatMap(({ resources }) =>
      Object.entries(resources?.limits ?? {}).filter(([name]) => DEVICE.test(name)),
    ),
  );
}
