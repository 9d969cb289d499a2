import type { Construct } from 'constructs';
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1';
import type { DisruptionBudgetProps } from '../../spec/operations';
import type { NodeDecision } from '../decision';
import { objectMetadata, selectorLabels } from '../metadata';
import { addObject } from '../object';

/** Make the limit on what a drain of nodes may take down at once. */
export function synthesizeDisruptionBudget(
  scope: Construct,
  decision: NodeDecision,
  budget: DisruptionBudgetProps,
): void {
  addObject(scope, {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: objectMetadata(decision, decision.workspace.name),
    spec: {
      maxUnavailable: podsOf(budget.maxUnavailable ?? 1, decision.placement.nodes),
      // A pod that never becomes ready serves nobody: without this the drain of its node would wait for ever.
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
      selector: { matchLabels: selectorLabels(decision) },
    },
  } satisfies PodDisruptionBudget);
}

/**
 * A bound on replicas as one on pods, of which each replica has one on every node. One pod that is gone takes its whole
 * replica down, so that the same share of the pods could be a pod of each replica.
 */
function podsOf(replicas: number | string, nodes: number): number | string {
  if (typeof replicas === 'number') return replicas;
  const share = Number.parseInt(replicas, 10);
  // The API server rounds a share of pods up, and so one of 1 % is still a pod.
  return `${Math.min(share, Math.max(1, Math.floor(share / nodes)))}%`;
}
