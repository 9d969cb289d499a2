import type { NodeDecision } from './decision';

/** What Kubernetes keeps of a name that it puts five letters of its own behind (apiserver, `storage/names`). */
const GENERATED_PREFIX = 58;
/** Hash of the pod template in the name of a ReplicaSet, at the most. */
const TEMPLATE_HASH = 10;

/**
 * What the names of the Workspace's pods look like, for Prometheus (RE2, anchored at both ends). Its endpoint picker, and
 * Workspaces whose names begin alike, have other names: a Deployment's pods end in two parts, those of groups in numbers.
 */
export function podNamePattern({ workspace: { name }, placement }: NodeDecision): string {
  return placement.nodes === 1
    ? `${replicaSetPattern(name)}[a-z0-9]{5}`
    : `${name}(-groups|-group-[0-9]+)?(-[0-9]+)+`;
}

/** The name of a Deployment's ReplicaSet and a hyphen, as far as Kubernetes keeps them in the name of a pod. */
function replicaSetPattern(deployment: string): string {
  const kept = `${deployment}-`.slice(0, GENERATED_PREFIX);
  const room = GENERATED_PREFIX - kept.length;
  return room > TEMPLATE_HASH ? `${kept}[a-z0-9]{1,${TEMPLATE_HASH}}-` : `${kept}[a-z0-9-]{0,${room}}`;
}
