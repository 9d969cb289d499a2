import type { Problem } from '../../spec/problem';
import type { NodeDecision } from '../decision';

/** The StatefulSet's name and a hash of ten digits make a label value of at most 63 characters. */
const MAX_STATEFUL_SET_NAME = 52;
/** `-group-` and the number of a replica. */
const GROUP_SUFFIX_LENGTH = '-group-'.length;

/** A name that is too long for the objects of a model over several nodes. */
export function checkNames({ workspace, placement }: NodeDecision): Problem[] {
  if (placement.nodes === 1) return [];
  const replicas = workspace.inference?.replicas ?? 1;
  const suffix = replicas > 1 ? GROUP_SUFFIX_LENGTH + String(replicas - 1).length : 0;
  const longest = MAX_STATEFUL_SET_NAME - suffix;
  if (workspace.name.length <= longest) return [];
  return [
    {
      severity: 'error',
      code: 'name-too-long',
      position: workspace.locate('metadata.name'),
      field: 'metadata.name',
      message: `the name has ${workspace.name.length} characters; a model over ${placement.nodes} nodes runs in a StatefulSet, whose name ends up in labels`,
      allowed: `at most ${longest} characters`,
      next: 'rename the Workspace',
    },
  ];
}
