import type { Problem } from '../../spec/problem';
import type { NodeDecision } from '../decision';
import { totalNodes } from '../nodes';

/** More nodes than the Workspace may have. */
export function checkNodeLimit(decision: NodeDecision): Problem[] {
  const { workspace, placement } = decision;
  const limit = workspace.resource.nodeCountLimit;
  const nodes = totalNodes(decision);
  if (limit === undefined || nodes <= limit) return [];
  const most = Math.floor(limit / placement.nodes);
  return [
    {
      severity: 'error',
      code: 'node-limit',
      ...workspace.at('resource.nodeCountLimit'),
      message: `${nodes / placement.nodes} replicas of ${placement.nodes} ${placement.nodes === 1 ? 'node' : 'nodes'} each are ${nodes} nodes, and the limit is ${limit}`,
      allowed:
        most === 0
          ? `a limit of at least ${placement.nodes} nodes`
          : `${most} ${most === 1 ? 'replica' : 'replicas'} at the most`,
      next: 'raise the limit, ask for fewer replicas, or choose a machine type that holds more of the model',
    },
  ];
}
