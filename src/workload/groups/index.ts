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
  addService(scope, decision, leaderLabels(decision));
  addCallersPolicy(scope, decision);
}

/** Labels of the pods with index 0, which take the requests of their groups: workers serve nothing. */
export function leaderLabels(decision: NodeDecision): Record<string, string> {
  const indexLabel = multiNodeWorkload(decision) === 'LeaderWorkerSet' ? WORKER_INDEX_LABEL : POD_INDEX_LABEL;
  return { ...selectorLabels(decision), [indexLabel]: '0' };
}
