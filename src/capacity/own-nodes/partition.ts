import type { OwnNodesProvisioning } from '../../spec/cluster';
import { memoryGiBOf, migProfilesOf } from '../../spec/mig-profiles';
import type { Problem } from '../../spec/problem';
import type { CapacityRequest } from '../contract';

/** Whether the nodes, as the Cluster describes them, can have the part of a node that is asked for. */
export function checkPartition({ decision }: CapacityRequest): Problem[] {
  const { workspace, cluster, placement } = decision;
  const { partition } = workspace.resource;
  const { nodeProvisioning } = cluster;
  if (nodeProvisioning.kind !== 'ownNodes' || partition === null) return [];
  const { gpu } = nodeProvisioning;
  const refuse = (code: string, member: string, message: string, allowed: string, next: string): Problem => {
    const field = `resource.partition.${member}`;
    return { severity: 'error', code, ...workspace.at(field), message, allowed, next };
  };
  if (partition.mode === 'accelerator') {
    if (partition.count <= gpu.count) return [];
    return [
      refuse(
        'partition-larger-than-node',
        'count',
        `${partition.count} GPUs are asked for, and the cluster's nodes have ${gpu.count}`,
        `1 to ${gpu.count}`,
        'ask for fewer GPUs',
      ),
    ];
  }
  const { profile } = partition;
  const possible = possibleProfiles(gpu);
  if (possible !== null && !possible.includes(profile)) {
    return [
      refuse(
        'mig-profile-not-on-nodes',
        'profile',
        gpu.migProfiles === undefined
          ? `a ${gpu.product} of ${gpu.memoryGiB} GiB cannot be cut into ${profile}`
          : `the cluster's nodes have no slices of profile ${profile}`,
        possible.join(', '),
        gpu.migProfiles === undefined
          ? 'ask for one of these'
          : 'ask for one of these, or add the profile to nodeProvisioning.gpu.migProfiles of the Cluster',
      ),
    ];
  }
  if (possible === null && memoryGiBOf(profile) > gpu.memoryGiB) {
    return [
      refuse(
        'mig-profile-not-on-nodes',
        'profile',
        `a slice of ${memoryGiBOf(profile)} GiB is asked for, and the cluster's GPUs have ${gpu.memoryGiB} GiB`,
        `slices of up to ${gpu.memoryGiB} GiB`,
        'ask for a smaller slice',
      ),
    ];
  }
  if (placement.nodes === 1) return [];
  return [
    refuse(
      'model-larger-than-slice',
      'profile',
      `the model needs ${placement.nodes} slices of profile ${profile}, and slices do not work together`,
      'a slice that holds the model alone',
      'ask for a larger slice or whole GPUs (mode: accelerator), or choose a smaller or quantised model',
    ),
  ];
}

/** Null: not known. */
function possibleProfiles(gpu: OwnNodesProvisioning['gpu']): readonly string[] | null {
  return gpu.migProfiles ?? migProfilesOf(gpu.memoryGiB);
}
