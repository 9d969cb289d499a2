import type { Construct } from 'constructs';
import type { OperationsProps } from '../../spec/operations';
import type { Decision, NodeDecision } from '../decision';
import { synthesizeAutoscaling } from './autoscaling';
import { synthesizeDashboard } from './dashboard';
import { synthesizeDisruptionBudget } from './disruption-budget';
import { synthesizeInferencePool } from '../gateway/inference-pool';
import { synthesizeMonitor } from './monitor';
import { synthesizeRoute } from './route';

/** Make what the user switched on around a served model. */
export function synthesizeOperations(
  scope: Construct,
  decision: Decision,
  operations: OperationsProps,
): void {
  const { autoscaling, disruptionBudget, monitoring, route, inferencePool } = operations;
  if (autoscaling !== undefined) synthesizeAutoscaling(scope, decision, autoscaling);
  if (disruptionBudget !== undefined) synthesizeDisruptionBudget(scope, decision, disruptionBudget);
  if (monitoring !== undefined) {
    synthesizeMonitor(scope, decision, monitoring);
    if (monitoring.dashboard === true) synthesizeDashboard(scope, decision);
  }
  if (inferencePool !== undefined) synthesizeInferencePool(scope, decision, inferencePool);
  if (route !== undefined) synthesizeRoute(scope, decision, route);
}

/** Make what was switched on around the user's own pod template: all that needs no server of a known kind. */
export function synthesizeTemplateOperations(
  scope: Construct,
  decision: NodeDecision,
  { disruptionBudget, route }: OperationsProps,
): void {
  if (disruptionBudget !== undefined) synthesizeDisruptionBudget(scope, decision, disruptionBudget);
  if (route !== undefined) synthesizeRoute(scope, decision, route);
}

export { checkOperations, checkTemplateOperations } from './check';
