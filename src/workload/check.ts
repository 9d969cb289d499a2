import type { PodSpec } from 'kubernetes-types/core/v1';
import { hasErrors, type Problem } from '../spec/problem';
import { checkCluster } from './checks/cluster';
import { checkModelIds } from './checks/model-ids';
import { checkNames } from './checks/names';
import { checkNodeLimit } from './checks/node-limit';
import { checkOptions } from './checks/options';
import { checkPod } from './checks/pod';
import { checkRollout } from './checks/rollout';
import { checkVllmOptions } from './checks/vllm-options';
import { checkWeights } from './checks/weights';
import type { Decision } from './decision';
import { imageOf } from './images';
import { checkNetwork } from './network-policy';
import { checkOperations } from './operations';
import { checkRole } from './role/check';
import { podTemplate } from './pod';
import { restrictedViolations } from './pod-security';
import { serverParts } from './server';
import type { ServerParts } from './server-parts';

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
  const parts = serverParts(decision, imageOf(decision).program(decision, null), null);
  const { spec } = podTemplate(decision, ANYWHERE, parts);
  if (spec === undefined) return [];
  const ofUser = restrictedViolations(spec).length > 0 ? violationsOfUser(decision, spec, parts) : [];
  return checkPod(decision, spec, ofUser);
}

/** Violations that are not there without what the user and the cluster add to pods. */
function violationsOfUser(decision: Decision, spec: PodSpec, parts: ServerParts): string[] {
  const { workspace, cluster } = decision;
  const bare = podTemplate(
    {
      ...decision,
      workspace: { ...workspace, pod: {} },
      cluster: { ...cluster, defaults: { ...cluster.defaults, pod: {} } },
    },
    ANYWHERE,
    parts,
  ).spec;
  const known = bare === undefined ? [] : restrictedViolations(bare);
  return restrictedViolations(spec).filter((violation) => !known.includes(violation));
}
