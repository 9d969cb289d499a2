import type { Construct } from 'constructs';
import type { Decision } from './decision';
import { synthesizeSingleNode } from './deployment';
import { synthesizeGroups } from './groups';
import { synthesizeOperations } from './operations';
import type { PodScheduling } from './scheduling';
import { addWeights } from './weights';

/** Make the objects that serve the model of `decision` under `scope`, and those around it that are switched on; pods are scheduled as `scheduling` says. */
export function synthesizeInference(scope: Construct, decision: Decision, scheduling: PodScheduling): void {
  if (decision.placement.nodes === 1) synthesizeSingleNode(scope, decision, scheduling);
  else synthesizeGroups(scope, decision, scheduling);
  addWeights(scope, decision, scheduling);
  const { operations } = decision.workspace;
  if (operations !== undefined) synthesizeOperations(scope, decision, operations);
}
