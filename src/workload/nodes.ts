import type { NodeDecision } from './decision';

/**
 * Nodes of all replicas together; with autoscaling, of the most that there may be. A pod template has `resource.count`
 * replicas, as KAITO has it.
 */
export function totalNodes({ workspace, placement }: NodeDecision): number {
  const { inference, operations, resource } = workspace;
  const fixed = (inference?.template == null ? null : resource.count) ?? inference?.replicas ?? 1;
  return placement.nodes * (operations?.autoscaling?.maxReplicas ?? fixed);
}
