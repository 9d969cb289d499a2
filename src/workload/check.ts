import { hasErrors, type Problem } from '../spec/problem';
import { checkAdapterClaims } from './checks/adapter-claims';
import { checkCluster } from './checks/cluster';
import { checkModelIds } from './checks/model-ids';
import { checkNames } from './checks/names';
import { checkNodeLimit } from './checks/node-limit';
import { checkOptions } from './checks/options';
import { checkPod } from './checks/pod';
import { checkRollout } from './checks/rollout';
import { checkVllmOptions } from './checks/vllm-options';
import { checkVolumes } from './checks/volumes';
import { checkWeights } from './checks/weights';
import type { Decision } from './decision';
import { imageOf } from './images';
import { checkNetwork } from './network-policy';
import { checkOperations } from './operations';
import { checkRole } from './role/check';
import { hasAdditions, podTemplate, withoutAdditions } from './pod';
import { restrictedViolations, violationsOf } from './pod-security';
import { serverParts } from './server';

/** What the chosen image and runtime cannot honour in `decision`, with what to do instead. */
export function checkInference(decision: Decision): readonly Problem[] {
  const problems = [
    ...checkNames(decision),
    ...checkModelIds(decision),
    ...checkNodeLimit(decision),
    ...checkRollout(decision),
    ...checkCluster(decision),
    ...checkWeights(decision),
    ...checkOptions(decision),
    ...checkVllmOptions(decision),
    ...checkAdapterClaims(decision),
    ...checkRole(decision),
    ...imageOf(decision).check(decision),
    ...checkNetwork(decision),
    ...checkOperations(decision, decision.workspace.operations ?? {}),
  ];
  return hasErrors(problems) ? problems : [...problems, ...checkWholePod(decision)];
}

/** Scheduling has no part in what is checked here. */
const ANYWHERE = { nodeSelector: {}, tolerations: [] };

/** The pod as it will be; what the image itself is known to need has been said by its own check. */
function checkWholePod(decision: Decision): readonly Problem[] {
  const parts = serverParts(decision, imageOf(decision).program(decision, null), decision.workspace.name);
  const { spec } = podTemplate(decision, ANYWHERE, parts);
  const own = hasAdditions(decision) ? podTemplate(withoutAdditions(decision), ANYWHERE, parts).spec : spec;
  if (spec === undefined || own === undefined) return [];
  // No image needs a volume that the standard forbids: one that an adapter is on was named by the user.
  const known = restrictedViolations({ ...own, volumes: [] });
  const ofUser = violationsOf(spec).filter(({ part, what }) => !known.includes(`${part} ${what}`));
  return [...checkVolumes(decision, own), ...checkPod(decision, spec, ofUser)];
}
