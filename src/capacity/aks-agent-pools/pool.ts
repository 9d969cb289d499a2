import type { AgentPoolSettings } from '../../spec/cluster';
import { WORKSPACE_TAG } from '../../spec/rules/agent-pools';
import { LABELS } from '../../workload/decision';
import { shortHash } from '../../workload/names';
import type { CapacityRequest } from '../contract';
import { diskGiB } from '../disk';
import { GPU_TAINT } from '../tolerations';
import type { Candidate, Pool } from './document';

/** Azure's rule for the name of a Linux pool: at most 12 lower-case letters and digits, a letter first. */
const NAME_PREFIX = 'ws';
const NAME_HASH_LENGTH = 9;
/**
 * Sizes of Azure's managed disks in GiB, the largest being the most that an agent pool takes. A disk is billed as the
 * next of these (Microsoft's price list of managed disks, 2026), so that rounding up costs nothing, and a model of
 * about the same size fits the pool that is there.
 */
const DISK_TIERS_GIB = [32, 64, 128, 256, 512, 1024, 2048];
/** Smallest operating system disk of an agent pool, in GiB. */
const MIN_DISK_GIB = 30;

/** Labels of the nodes: ours, by which pods select them, and those that the user asks for. */
export function nodeLabels({ decision, nodeGroup }: CapacityRequest): Record<string, string> {
  return { ...decision.workspace.resource.matchLabels, [LABELS.nodeGroup]: nodeGroup };
}

/** Disk of one node, in whole GiB: no less than it needs. */
function poolDiskGiB(request: CapacityRequest): number {
  const needed = Math.max(MIN_DISK_GIB, diskGiB(request));
  // The machine's own disk has the size that it has.
  if (settingsOf(request).osDiskType === 'Ephemeral') return needed;
  return DISK_TIERS_GIB.find((size) => size >= needed) ?? needed;
}

/** The agent pool that holds the nodes of `request`. */
export function poolOf(request: CapacityRequest): Pool {
  const { decision, nodeGroup } = request;
  const { workspace } = decision;
  const { gpuDriver, maxPods, osDiskType, subnetId, tags, waitFor } = settingsOf(request);
  return {
    name: poolName(nodeGroup),
    candidates: candidatesOf(request),
    ...sizeOf(request),
    osSKU: workspace.resource.nodeImageFamily === 'azurelinux' ? 'AzureLinux' : 'Ubuntu',
    osDiskSizeGB: poolDiskGiB(request),
    ...(osDiskType && { osDiskType }),
    ...(gpuDriver && { gpuDriver }),
    ...(maxPods !== undefined && { maxPods }),
    ...(subnetId && { subnetId }),
    labels: nodeLabels(request),
    taints: [`${GPU_TAINT.key}=${GPU_TAINT.value}:${GPU_TAINT.effect}`],
    tags: { ...tags, [WORKSPACE_TAG]: `${workspace.namespace}.${workspace.name}` },
    ...(waitFor && { waitFor }),
  };
}

function settingsOf({ decision: { cluster } }: CapacityRequest): AgentPoolSettings {
  const { nodeProvisioning } = cluster;
  return (nodeProvisioning.kind === 'aksAgentPools' ? nodeProvisioning.pools : undefined) ?? {};
}

/**
 * A fixed number of nodes, or bounds for the cluster's autoscaler where pods come and go: with autoscaling of the
 * Workspace, and for a tuning Job, whose pods pull its nodes up and whose nodes go away after it.
 */
function sizeOf({ decision, nodes, purpose }: CapacityRequest): Pick<Pool, 'autoscale' | 'count'> {
  if (purpose === 'tuning') return { autoscale: { min: 0, max: nodes } };
  const autoscaling = decision.workspace.operations?.autoscaling;
  if (autoscaling == null) return { count: nodes };
  const fewest = Math.ceil((nodes * (autoscaling.minReplicas ?? 1)) / autoscaling.maxReplicas);
  return { autoscale: { min: fewest, max: nodes } };
}

/** A name says nothing about the pool's machine: a change of it is reported, never answered with a new pool. */
function poolName(nodeGroup: string): string {
  return `${NAME_PREFIX}${shortHash(nodeGroup, NAME_HASH_LENGTH)}`;
}

function candidatesOf(request: CapacityRequest): Candidate[] {
  const { workspace, candidates } = request.decision;
  const { zones, spotMaxPrice, evictionPolicy } = settingsOf(request);
  const { capacityType } = workspace.resource;
  const machines = [
    ...new Map(
      candidates.map(({ machine, gpusPerNode }) => [
        machine.name,
        { vmSize: machine.name, gpusPerNode: machine.gpu.count ?? gpusPerNode, ...(zones && { zones }) },
      ]),
    ).values(),
  ];
  const spot = machines.map((machine) => ({
    ...machine,
    priority: 'Spot' as const,
    ...(spotMaxPrice !== undefined && { spotMaxPrice }),
    ...(evictionPolicy && { evictionPolicy }),
  }));
  if (capacityType === 'on-demand') return machines;
  return capacityType === 'spot' ? spot : [...spot, ...machines];
}
