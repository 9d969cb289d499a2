import type { EnvVar } from 'kubernetes-types/core/v1';
import type { InferenceRoleProps } from '../../spec/workspace';
import { LABELS, type NodeDecision } from '../decision';

/** The half of serving that `decision` is; undefined where it serves alone. */
export function roleOf({ workspace }: Pick<NodeDecision, 'workspace'>): InferenceRoleProps | undefined {
  return workspace.inference?.role;
}

/** Labels of the pods of a half: the endpoint picker tells the halves apart by them. */
export function roleLabels(decision: NodeDecision): Record<string, string> {
  const role = roleOf(decision);
  return role === undefined ? {} : { [LABELS.inferenceRole]: role.type, [LABELS.multiRole]: role.of };
}

/** Labels that the pods of both halves of `role` have in common. */
export function bothHalves(role: InferenceRoleProps): Record<string, string> {
  return { [LABELS.multiRole]: role.of };
}

/** Name of the InferencePool of both halves. KAITO's has the same, so that routes to it stay as they are. */
export function rolePoolName(role: InferenceRoleProps): string {
  return `${role.of}-inferencepool`;
}

/** Where vLLM's NixlConnector says that its side of the transfer is reached. */
export function transferEnv(decision: NodeDecision): EnvVar[] {
  if (roleOf(decision) === undefined) return [];
  return [{ name: 'VLLM_NIXL_SIDE_CHANNEL_HOST', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }];
}
