import type { TopologySpreadConstraint } from 'kubernetes-types/core/v1';
import type { NodeDecision } from './decision';
import { selectorLabels } from './metadata';

const TOPOLOGY = { zone: 'topology.kubernetes.io/zone', node: 'kubernetes.io/hostname' } as const;

/**
 * What has the scheduler, and Karpenter for the nodes that it makes, prefer different zones or nodes for replicas. The
 * hash keeps pods of an older rollout out of the count.
 */
export function spreadConstraints(decision: NodeDecision): TopologySpreadConstraint[] {
  const spread = decision.workspace.operations?.spread;
  if (spread === undefined) return [];
  return [
    {
      maxSkew: 1,
      topologyKey: TOPOLOGY[spread],
      whenUnsatisfiable: 'ScheduleAnyway',
      labelSelector: { matchLabels: selectorLabels(decision) },
      matchLabelKeys: ['pod-template-hash'],
    },
  ];
}
