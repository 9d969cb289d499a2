import type { Construct } from 'constructs';
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1';
import type { DisruptionBudgetProps } from '../../spec/operations';
import type { NodeDecision } from '../decision';
import { objectMetadata, selectorLabels } from '../metadata';
import { addObject } from '../object';

/** Make the limit on what a drain of nodes may take down at once. */
export function synthesizeDisruptionBudget(
  scope: Construct,
  decision: NodeDecision,
  budget: DisruptionBudgetProps,
): void {
  addObject(scope, {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: objectMetadata(decision, decision.workspace.name),
    spec: {
      maxUnavailable: budget.maxUnavailable ?? 1,
      selector: { matchLabels: selectorLabels(decision) },
    },
  } satisfies PodDisruptionBudget);
}
