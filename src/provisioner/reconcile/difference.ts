import type { AgentPool } from '@azure/arm-containerservice';
import type { Candidate, PoolSpec } from '../pools/document';
import { REGIONAL_FALLBACK, TAGS } from '../pools/ownership';
import { comparableLabels, comparableTaints, ownTags } from './pool-body';

/** One field in which the pool is not what the document says. */
export interface Difference {
  /** ARM's name of the field, with the key for maps, such as `nodeLabels.team`. */
  readonly field: string;
  readonly actual: unknown;
  readonly desired: unknown;
}

/**
 * The candidate that the pool stands on: the one with its machine type, priority and zones.
 *
 * @returns index into `pool.candidates`, or undefined when there is none
 */
export function candidateOf(pool: PoolSpec, actual: AgentPool): number | undefined {
  const index = pool.candidates.findIndex(
    (candidate) => candidateDifferences(candidate, actual).length === 0,
  );
  return index < 0 ? undefined : index;
}

/** What the pool differs in that Azure does not change on a pool that exists. */
export function immutableDifferences(pool: PoolSpec, actual: AgentPool): readonly Difference[] {
  const matched = candidateOf(pool, actual);
  const nearest =
    matched === undefined
      ? (pool.candidates.find((candidate) => sameName(candidate.vmSize, actual.vmSize)) ?? pool.candidates[0])
      : undefined;
  return [
    ...(nearest ? candidateDifferences(nearest, actual) : []),
    // Only what the document says is compared: Azure fills the rest in with its own defaults.
    // More disk than is asked for does no harm.
    ...((actual.osDiskSizeGB ?? 0) < (pool.osDiskSizeGB ?? 0)
      ? given('osDiskSizeGB', actual.osDiskSizeGB, pool.osDiskSizeGB)
      : []),
    ...given('osDiskType', actual.osDiskType, pool.osDiskType),
    ...given('osSKU', actual.osSKU, pool.osSKU),
    ...given('maxPods', actual.maxPods, pool.maxPods),
    ...(pool.subnetId && !sameName(pool.subnetId, actual.vnetSubnetID)
      ? given('vnetSubnetID', actual.vnetSubnetID, pool.subnetId)
      : []),
    ...given('gpuProfile.driver', actual.gpuProfile?.driver ?? 'Install', pool.gpuDriver ?? 'Install'),
    ...different('gpuInstanceProfile', actual.gpuInstanceProfile, pool.gpuInstanceProfile),
    ...given('mode', actual.mode, 'User'),
  ];
}

/** What the pool differs in that can be changed in place. */
export function mutableDifferences(pool: PoolSpec, actual: AgentPool, owner: string): readonly Difference[] {
  const autoscaled = pool.autoscale !== undefined;
  return [
    ...different('enableAutoScaling', actual.enableAutoScaling ?? false, autoscaled),
    ...(pool.autoscale
      ? [
          ...different('minCount', actual.minCount, pool.autoscale.min),
          ...different('maxCount', actual.maxCount, pool.autoscale.max),
        ]
      : different('count', actual.count, pool.count)),
    ...mapDifferences('nodeLabels', comparableLabels(actual), pool.labels ?? {}),
    ...(sameSet(comparableTaints(actual), pool.taints ?? [])
      ? []
      : [{ field: 'nodeTaints', actual: comparableTaints(actual), desired: pool.taints ?? [] }]),
    // Tags that others added stay; a tag that the document no longer names stays too, for they cannot be told apart.
    ...Object.entries(ownTags(pool, owner)).flatMap(([name, value]) =>
      different(`tags.${name}`, actual.tags?.[name], value),
    ),
  ];
}

/** `field: actual -> desired`, for messages. */
export function differenceText(difference: Difference): string {
  return `${difference.field}: ${shown(difference.actual)} -> ${shown(difference.desired)}`;
}

function candidateDifferences(candidate: Candidate, actual: AgentPool): readonly Difference[] {
  const priority = candidate.priority ?? 'Regular';
  const zones = candidate.zones ?? [];
  const fellBack = actual.tags?.[TAGS.zones] === REGIONAL_FALLBACK && !actual.availabilityZones?.length;
  return [
    ...(sameName(candidate.vmSize, actual.vmSize)
      ? []
      : different('vmSize', actual.vmSize, candidate.vmSize)),
    ...different('scaleSetPriority', actual.scaleSetPriority ?? 'Regular', priority),
    ...(priority === 'Spot'
      ? [
          ...different('spotMaxPrice', actual.spotMaxPrice ?? -1, candidate.spotMaxPrice ?? -1),
          ...different(
            'scaleSetEvictionPolicy',
            actual.scaleSetEvictionPolicy ?? 'Delete',
            candidate.evictionPolicy ?? 'Delete',
          ),
        ]
      : []),
    ...(fellBack || sameSet(actual.availabilityZones ?? [], zones)
      ? []
      : [{ field: 'availabilityZones', actual: actual.availabilityZones ?? [], desired: zones }]),
  ];
}

function given(field: string, actual: unknown, desired: unknown): readonly Difference[] {
  return desired === undefined ? [] : different(field, actual, desired);
}

function different(field: string, actual: unknown, desired: unknown): readonly Difference[] {
  return actual === desired ? [] : [{ field, actual, desired }];
}

function mapDifferences(
  field: string,
  actual: Readonly<Record<string, string>>,
  desired: Readonly<Record<string, string>>,
): readonly Difference[] {
  return [...new Set([...Object.keys(actual), ...Object.keys(desired)])]
    .sort()
    .flatMap((key) => different(`${field}.${key}`, actual[key], desired[key]));
}

function sameSet(left: readonly string[], right: readonly string[]): boolean {
  return JSON.stringify([...left].sort()) === JSON.stringify([...right].sort());
}

/** ARM's names keep the case in which they were written and are compared without. */
function sameName(left: string, right: string | undefined): boolean {
  return left.toLowerCase() === right?.toLowerCase();
}

function shown(value: unknown): string {
  return value === undefined ? '(none)' : typeof value === 'string' ? value : JSON.stringify(value);
}
