import type { AgentPool } from '@azure/arm-containerservice';
import { RESERVED_PREFIX } from '../pools/check';
import type { Candidate, PoolSpec } from '../pools/document';
import { MANAGED_BY, REGIONAL_FALLBACK, TAGS } from '../pools/ownership';

/**
 * Fields that an update sends back as Azure has them. A PUT replaces the pool, so what may not change has to be in
 * it; a GET's answer is not sent back as it is, because it holds fields that are read-only though the model lets one
 * write them (`nodeImageVersion`, `powerState`), and because the SDK drops what it does not know.
 */
const KEPT_FIELDS = [
  'artifactStreamingProfile',
  'availabilityZones',
  'capacityReservationGroupID',
  'creationData',
  'enableEncryptionAtHost',
  'enableFips',
  'enableNodePublicIP',
  'enableUltraSSD',
  'gpuInstanceProfile',
  'gpuProfile',
  'hostGroupID',
  'kubeletConfig',
  'kubeletDiskType',
  'linuxOSConfig',
  'localDNSProfile',
  'maxPods',
  'messageOfTheDay',
  'mode',
  'networkProfile',
  'nodePublicIPPrefixID',
  'orchestratorVersion',
  'osDiskSizeGB',
  'osDiskType',
  'osSKU',
  'osType',
  'podIPAllocationMode',
  'podSubnetID',
  'proximityPlacementGroupID',
  'scaleDownMode',
  'scaleSetEvictionPolicy',
  'scaleSetPriority',
  'securityProfile',
  'spotMaxPrice',
  'typePropertiesType',
  'upgradeSettings',
  'vmSize',
  'vnetSubnetID',
  'workloadRuntime',
] as const satisfies readonly (keyof AgentPool)[];

/** The body that creates `pool` on `candidate`. `regional` leaves the candidate's zones out. */
export function createBody(
  pool: PoolSpec,
  candidate: Candidate,
  regional: boolean,
  owner: string,
): AgentPool {
  const spot = candidate.priority === 'Spot';
  return {
    // The resource's own `type` is the ARM type; a pool's type has this name in the SDK.
    typePropertiesType: 'VirtualMachineScaleSets',
    mode: 'User',
    osType: 'Linux',
    vmSize: candidate.vmSize,
    ...(pool.osSKU ? { osSKU: pool.osSKU } : {}),
    ...(pool.osDiskSizeGB === undefined ? {} : { osDiskSizeGB: pool.osDiskSizeGB }),
    ...(pool.osDiskType ? { osDiskType: pool.osDiskType } : {}),
    ...(pool.maxPods === undefined ? {} : { maxPods: pool.maxPods }),
    ...(pool.subnetId ? { vnetSubnetID: pool.subnetId } : {}),
    ...(pool.gpuDriver ? { gpuProfile: { driver: pool.gpuDriver } } : {}),
    ...(pool.gpuInstanceProfile ? { gpuInstanceProfile: pool.gpuInstanceProfile } : {}),
    ...(candidate.zones && !regional ? { availabilityZones: [...candidate.zones] } : {}),
    ...(spot
      ? {
          scaleSetPriority: 'Spot',
          scaleSetEvictionPolicy: candidate.evictionPolicy ?? 'Delete',
          spotMaxPrice: candidate.spotMaxPrice ?? -1,
        }
      : {}),
    ...(pool.autoscale
      ? {
          enableAutoScaling: true,
          minCount: pool.autoscale.min,
          maxCount: pool.autoscale.max,
          count: pool.autoscale.min,
        }
      : { enableAutoScaling: false, count: pool.count ?? 0 }),
    nodeLabels: { ...pool.labels },
    nodeTaints: [...(pool.taints ?? [])],
    tags: {
      ...ownTags(pool, owner),
      ...(candidate.zones && regional ? { [TAGS.zones]: REGIONAL_FALLBACK } : {}),
    },
  };
}

/** What an update makes of `actual`. `count` is the number of nodes of a pool without autoscaling. */
export function updateBody(pool: PoolSpec, actual: AgentPool, owner: string, count: number): AgentPool {
  const kept: Record<string, unknown> = {};
  for (const field of KEPT_FIELDS) {
    if (actual[field] !== undefined) kept[field] = actual[field];
  }
  return {
    ...kept,
    // With autoscaling the number of nodes belongs to the autoscaler: it is never sent.
    ...(pool.autoscale
      ? { enableAutoScaling: true, minCount: pool.autoscale.min, maxCount: pool.autoscale.max }
      : { enableAutoScaling: false, count }),
    nodeLabels: { ...reservedLabels(actual), ...pool.labels },
    nodeTaints: [...reservedTaints(actual), ...(pool.taints ?? [])],
    // Azure Policy and people add tags of their own: they stay.
    tags: { ...actual.tags, ...ownTags(pool, owner) },
  };
}

/** Labels that are ours to compare: all but AKS's own. */
export function comparableLabels(actual: AgentPool): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(actual.nodeLabels ?? {}).filter(([key]) => !key.startsWith(RESERVED_PREFIX)),
  );
}

/** Taints that are ours to compare: all but AKS's own. */
export function comparableTaints(actual: AgentPool): readonly string[] {
  return (actual.nodeTaints ?? []).filter((taint) => !taint.startsWith(RESERVED_PREFIX));
}

/** The tags that the pool has to carry. */
export function ownTags(pool: PoolSpec, owner: string): Readonly<Record<string, string>> {
  return { ...pool.tags, [TAGS.managedBy]: MANAGED_BY, [TAGS.owner]: owner };
}

function reservedLabels(actual: AgentPool): Record<string, string> {
  return Object.fromEntries(
    Object.entries(actual.nodeLabels ?? {}).filter(([key]) => key.startsWith(RESERVED_PREFIX)),
  );
}

function reservedTaints(actual: AgentPool): string[] {
  return (actual.nodeTaints ?? []).filter((taint) => taint.startsWith(RESERVED_PREFIX));
}
