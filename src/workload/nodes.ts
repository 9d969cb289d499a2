import type { NodeDecision } from './decision';

/**
 * Replicas; with autoscaling, the most that there may be. A pod template has `resource.count` replicas, as KAITO has it.
 */
export function replicasOf({ workspace }: NodeDecision): number {
  const { inference, operations, resource } = workspace;
  const fixed = (inference?.template == null ? null : resource.count) ?? inference?.replicas ?? 1;
  return operations?.autoscaling?.maxReplicas ?? fixed;
}

/** Nodes of all replicas together; with autoscaling, of the most that there may be. */
export function totalNodes(decision: NodeDecision): number {
  return decision.placement.nodes * replicasOf(decision);
}
