import { LABELS } from '../../workload/decision';
import { shortHash } from '../../workload/names';
import { GIB } from '../../workload/quantity';
import type { CapacityRequest } from '../contract';
import { GPU_TAINT } from '../tolerations';
import type { Candidate, Pool } from './document';

/** Azure's rule for the name of a Linux pool: at most 12 lower-case letters and digits, a letter first. */
const NAME_PREFIX = 'ws';
const NAME_HASH_LENGTH = 9;
/** Smallest and largest operating system disk of an agent pool, in GiB. */
const MIN_DISK_GIB = 30;
export const MAX_DISK_GIB = 2048;

/** Labels of the nodes: ours, by which pods select them, and those that the user asks for. */
export function nodeLabels({ decision, nodeGroup }: CapacityRequest): Record<string, string> {
  return { ...decision.workspace.resource.matchLabels, [LABELS.nodeGroup]: nodeGroup };
}

/** Disk of one node, in whole GiB. */
export function diskGiB({ diskBytes }: CapacityRequest): number {
  return Math.max(MIN_DISK_GIB, Math.ceil(diskBytes / GIB));
}

/** The agent pool that holds the nodes of `request`. */
export function poolOf(request: CapacityRequest): Pool {
  const { decision, nodeGroup, nodes, purpose } = request;
  const { workspace } = decision;
  return {
    name: poolName(nodeGroup),
    candidates: candidatesOf(request),
    // A tuning Job's pods pull its nodes up, and the cluster's autoscaler takes them away after it.
    ...(purpose === 'tuning' ? { autoscale: { min: 0, max: nodes } } : { count: nodes }),
    osSKU: workspace.resource.nodeImageFamily === 'azurelinux' ? 'AzureLinux' : 'Ubuntu',
    osDiskSizeGB: diskGiB(request),
    labels: nodeLabels(request),
    taints: [`${GPU_TAINT.key}=${GPU_TAINT.value}:${GPU_TAINT.effect}`],
    tags: { 'slipway-workspace': `${workspace.namespace}.${workspace.name}` },
  };
}

/** A name says nothing about the pool's machine: a change of it is reported, never answered with a new pool. */
function poolName(nodeGroup: string): string {
  return `${NAME_PREFIX}${shortHash(nodeGroup, NAME_HASH_LENGTH)}`;
}

function candidatesOf({ decision: { workspace, candidates } }: CapacityRequest): Candidate[] {
  const { capacityType } = workspace.resource;
  const machines = [
    ...new Map(
      candidates.map(({ machine, gpusPerNode }) => [
        machine.name,
        { vmSize: machine.name, gpusPerNode: machine.gpu.count ?? gpusPerNode },
      ]),
    ).values(),
  ];
  const spot = machines.map((machine) => ({ ...machine, priority: 'Spot' as const }));
  if (capacityType === 'on-demand') return machines;
  return capacityType === 'spot' ? spot : [...spot, ...machines];
}
