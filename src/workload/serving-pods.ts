import { adaptersOf } from './adapters';
import type { Decision, NodeDecision } from './decision';
import { leaderLabels } from './groups';
import { selectorLabels } from './metadata';
import { modelNames } from './served-name';

/** Labels of the pods that answer requests: over several nodes the leaders of the groups. */
export function servingPods(decision: NodeDecision): Record<string, string> {
  return decision.placement.nodes === 1 ? selectorLabels(decision) : leaderLabels(decision);
}

/** Model ids that the server answers to: the model's names, and that of each adapter that is not merged into it. */
export function servedNames(decision: Decision): string[] {
  const adapters = adaptersOf(decision).filter(({ strength }) => strength === null);
  return [...modelNames(decision), ...adapters.map(({ name }) => name)];
}
