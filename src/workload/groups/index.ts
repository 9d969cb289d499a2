import type { Construct } from 'constructs';
import type { MultiNodeWorkload } from '../../spec/workspace';
import type { Decision, NodeDecision } from '../decision';
import { selectorLabels } from '../metadata';
import { addCallersPolicy } from '../network-policy';
import type { PodScheduling } from '../scheduling';
import { addService } from '../service';
import { addLeaderWorkerSet, WORKER_INDEX_LABEL } from './leader-worker-set';
import { addStatefulSets, POD_INDEX_LABEL } from './stateful-set';

/** What runs the groups of `decision`: the Workspace's choice, else its cluster's. */
export function multiNodeWorkload({
  workspace,
  cluster,
}: Pick<NodeDecision, 'workspace' | 'cluster'>): MultiNodeWorkload {
  return workspace.inference?.multiNodeWorkload ?? cluster.defaults.multiNodeWorkload;
}

/** Make what serves a model over several nodes: groups of pods, each of which works as one engine. */
export function synthesizeGroups(scope: Construct, decision: Decision, scheduling: PodScheduling): void {
  const isLeaderWorkerSet = multiNodeWorkload(decision) === 'LeaderWorkerSet';
  if (isLeaderWorkerSet) addLeaderWorkerSet(scope, decision, scheduling);
  else addStatefulSets(scope, decision, scheduling);
  // Workers serve nothing: requests go to the pods with index 0 alone.
  const indexLabel = isLeaderWorkerSet ? WORKER_INDEX_LABEL : POD_INDEX_LABEL;
  addService(scope, decision, { ...selectorLabels(decision), [indexLabel]: '0' });
  addCallersPolicy(scope, decision);
}
