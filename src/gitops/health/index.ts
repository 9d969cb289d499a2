import { byCondition } from './by-condition';
import { httpRouteRule } from './http-route';
import { inferencePoolRule } from './inference-pool';
import { leaderWorkerSetRule } from './leader-worker-set';
import { nodeClaimRule } from './node-claim';
import type { HealthRule } from './rule';

export type { HealthRule } from './rule';

/**
 * The kinds that are rendered and that one of the engines would call ready at once: Argo CD 3.3 has no check for them, or Flux
 * looks for conditions where they are not.
 */
export const HEALTH_RULES: readonly HealthRule[] = [
  byCondition('karpenter.azure.com/v1beta1', 'AKSNodeClass', 'Ready'),
  httpRouteRule,
  inferencePoolRule,
  leaderWorkerSetRule,
  nodeClaimRule,
];

/** The entries that Argo CD needs in its ConfigMap `argocd-cm`. */
export function argocdHealthPack(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    HEALTH_RULES.flatMap(({ group, kind, lua }) =>
      lua === null ? [] : [[`resource.customizations.health.${group}_${kind}`, lua] as const],
    ),
  );
}
