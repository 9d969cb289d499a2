import type { Decision } from './decision';
import { multiNodeWorkload } from './groups';
import { leaderWorkerSetName } from './groups/leader-worker-set';

/** What an autoscaler changes the number of. */
export interface ScaleTarget {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
}

/**
 * The object whose `/scale` has the replicas of `decision`; null where none has: each group of nodes is a StatefulSet
 * of its own, whose number is that of the nodes.
 */
export function scaleTarget(decision: Decision): ScaleTarget | null {
  const { workspace, placement } = decision;
  if (placement.nodes === 1) return { apiVersion: 'apps/v1', kind: 'Deployment', name: workspace.name };
  if (multiNodeWorkload(decision) === 'StatefulSet') return null;
  return {
    apiVersion: 'leaderworkerset.x-k8s.io/v1',
    kind: 'LeaderWorkerSet',
    name: leaderWorkerSetName(workspace.name),
  };
}
