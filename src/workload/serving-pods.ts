import { adaptersOf } from './adapters';
import type { Decision, NodeDecision } from './decision';
import { leaderLabels } from './groups';
import { chosenImage } from './images/chosen';
import { selectorLabels } from './metadata';
import { modelNames } from './served-name';

/** Labels of the pods that answer requests: over several nodes the leaders of the groups. */
export function servingPods(decision: NodeDecision): Record<string, string> {
  return decision.placement.nodes === 1 ? selectorLabels(decision) : leaderLabels(decision);
}

/** Model ids that the server answers to: the model's names, and that of each adapter that is not merged into it. */
export function servedNames(decision: Decision): string[] {
  return [...modelNames(decision), ...adapterIds(decision)];
}

/** Names of the adapters that are model ids of their own. KAITO's transformers server merges all that there are. */
export function adapterIds(decision: Decision): string[] {
  const mergesAll =
    chosenImage(decision).kind === 'kaito' && decision.workspace.inference?.runtime === 'transformers';
  if (mergesAll) return [];
  return adaptersOf(decision).flatMap(({ name, strength }) => (strength === null ? [name] : []));
}
