import { equal, ok } from 'node:assert/strict';
import { eventually } from '../bench/process/eventually';
import type { NodeGroup } from '../bench/tree/fleet';
import { everyPodRuns, nodesOf } from '../checks/nodes';
import { loseNode } from './lose-node';
import { servingDeployment, type Scenario } from './scenario';

/** Longest that Karpenter may take to replace a node that is lost. */
const REPLACED_SECONDS = 180;

/** A node is lost. */
export async function nodeLoss(scenario: Scenario): Promise<void> {
  const { group } = servingDeployment(scenario);
  await scenario.runner.check('a node that disappears is replaced', () => nodeIsReplaced(scenario, group));
}

async function nodeIsReplaced(scenario: Scenario, group: NodeGroup): Promise<void> {
  const { servingNodes } = scenario;
  const { cluster } = scenario.bench;
  const before = await nodesOf(cluster, group.name);
  const [lost] = before;
  ok(lost !== undefined, `group ${group.name} has a node to lose`);
  servingNodes.forget(group);
  await loseNode(scenario, lost, scenario.instanceTypes);
  await eventually(`group ${group.name} has another node`, REPLACED_SECONDS, async () => {
    const names = (await nodesOf(cluster, group.name)).map(({ metadata }) => metadata.name);
    ok(!names.includes(lost.metadata.name), 'the lost node is still there');
    equal(names.length, before.length, 'nodes');
  });
  await everyPodRuns(cluster, group.workloads);
  await servingNodes.record([group]);
}
