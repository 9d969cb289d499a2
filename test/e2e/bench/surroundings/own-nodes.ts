import type { Cluster } from '../cluster/cluster';
import { conditionOf, type Manifest } from '../cluster/manifest';
import type { PodSpec } from '../tree/fleet';
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
 * Plays whoever else makes GPU nodes: a cluster's owner. Where nothing rendered makes any, a pod gets a node with the labels that it
 * selects by and the devices that it asks for, and no more.
 */
export class OwnNodes {
  /** Whether nothing that is rendered makes nodes. */
  isAsked: () => Promise<boolean> = () => Promise.resolve(true);

  /** Make the nodes that are missing now. */
  readonly makeNodes = async (cluster: Cluster): Promise<void> => {
    const pods = await cluster.list<Pod>('v1', 'Pod');
    const homeless = pods.filter(
      (pod) =>
        conditionOf(pod, 'PodScheduled')?.reason === 'Unschedulable' &&
        Object.keys(devicesOf(pod.spec)).length > 0,
    );
    if (homeless.length === 0 || !(await this.isAsked())) return;
    const nodes = homeless.map(({ metadata, spec }) => {
      const labels = spec.nodeSelector ?? {};
      const resources = { cpu: '128', memory: '2Ti', ...devicesOf(spec) };
      return {
        ...node(`own-${metadata.uid ?? metadata.name}`, resources, labels),
        spec: { taints: [TAINT] },
      };
    });
    await cluster.apply(nodes);
  };
}

function devicesOf({ containers, initContainers = [] }: PodSpec): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...containers, ...initContainers].flatMap(({ resources }) =>
      Object.entries(resources?.limits ?? {}).filter(([name]) => DEVICE.test(name)),
    ),
  );
}
