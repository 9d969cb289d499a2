import type { Problem } from '../../spec/problem';
import type { NodeDecision } from '../decision';
import { multiNodeWorkload } from '../groups';
import { leaderWorkerSetName } from '../groups/leader-worker-set';
import { groupName } from '../groups/stateful-set';

/** The name of a StatefulSet and a hash of ten digits make a label value of at most 63 characters. */
const MAX_STATEFUL_SET_NAME = 52;

/** A name that is too long for the objects of a model over several nodes. */
export function checkNames(decision: NodeDecision): Problem[] {
  const { workspace, placement } = decision;
  if (placement.nodes === 1) return [];
  const longest = MAX_STATEFUL_SET_NAME - longestSuffix(decision);
  if (workspace.name.length <= longest) return [];
  return [
    {
      severity: 'error',
      code: 'name-too-long',
      ...workspace.at('metadata.name'),
      message: `the name has ${workspace.name.length} characters; a model over ${placement.nodes} nodes runs in a ${multiNodeWorkload(decision)}, whose name ends up in labels`,
      allowed: `at most ${longest} characters`,
      next: 'rename the Workspace',
    },
  ];
}

/** What the name of the last replica's StatefulSet has more than the Workspace's. */
function longestSuffix(decision: NodeDecision): number {
  const { inference, operations } = decision.workspace;
  const replicas = operations?.autoscaling?.maxReplicas ?? inference?.replicas ?? 1;
  const last = Math.max(0, replicas - 1);
  // The controller of a LeaderWorkerSet makes a StatefulSet for each group's workers.
  const name =
    multiNodeWorkload(decision) === 'LeaderWorkerSet'
      ? `${leaderWorkerSetName('')}-${last}`
      : groupName('', last);
  return name.length;
}
