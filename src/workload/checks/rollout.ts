import type { Problem } from '../../spec/problem';
import type { NodeDecision } from '../decision';
import { multiNodeWorkload } from '../groups';

/** A bound of a rollout that several StatefulSets cannot keep: each is a rollout of its own. */
export function checkRollout(decision: NodeDecision): Problem[] {
  const { workspace, placement } = decision;
  const { maxUnavailable, replicas = 1 } = workspace.inference ?? {};
  if (maxUnavailable === undefined || placement.nodes === 1 || replicas <= 1) return [];
  if (multiNodeWorkload(decision) === 'LeaderWorkerSet') return [];
  return [
    {
      severity: 'warning',
      code: 'rollout-of-stateful-sets',
      ...workspace.at('inference.rollout.maxUnavailable'),
      message: `has no effect: each of the ${replicas} replicas is a StatefulSet over ${placement.nodes} nodes, and a change replaces all of them at once`,
      next: 'remove it, or have them in one LeaderWorkerSet: multiNodeWorkload in inference, or in the defaults of the Cluster',
    },
  ];
}
