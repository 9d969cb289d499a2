import type { Construct } from 'constructs';
import type { OperationsProps } from '../../spec/operations';
import type { Decision } from '../decision';
import { synthesizeAutoscaling } from './autoscaling';
import { synthesizeDashboard } from './dashboard';
import { synthesizeDisruptionBudget } from './disruption-budget';
import { synthesizeMonitor } from './monitor';
import { synthesizeRoute } from './route';

/** Make what the user switched on around a served model. */
export function synthesizeOperations(
  scope: Construct,
  decision: Decision,
  operations: OperationsProps,
): void {
  const { autoscaling, disruptionBudget, monitoring, route } = operations;
  if (autoscaling !== undefined) synthesizeAutoscaling(scope, decision, autoscaling);
  if (disruptionBudget !== undefined) synthesizeDisruptionBudget(scope, decision, disruptionBudget);
  if (monitoring !== undefined) {
    synthesizeMonitor(scope, decision, monitoring);
    if (monitoring.dashboard === true) synthesizeDashboard(scope, decision);
  }
  if (route !== undefined) synthesizeRoute(scope, decision, route);
}

export { checkOperations } from './check';
