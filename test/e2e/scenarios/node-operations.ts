import { deepEqual, equal, ok } from 'node:assert/strict';
import { eventually } from '../bench/process/eventually';
import { nodeGroupsOf, objectsOf, servesOnly, type NodeGroup } from '../bench/tree/fleet';
import { everyPodRuns, gpusOf, nodesArePredicted, nodesOf } from '../checks/nodes';
import { loseNode } from './lose-node';
import { deliver, edit, folderOf, renderedNow, revert, servingDeployment, type Scenario } from './scenario';

/** Longest that Karpenter may take to remove empty nodes, on a busy machine: it waits 15 s before it trusts what it saw. */
const REMOVED_SECONDS = 240;
/** Longest that it may take to replace a node that is lost. */
const REPLACED_SECONDS = 180;

/** What happens to nodes: none needed, another machine type, one lost. */
export async function nodeOperations(scenario: Scenario): Promise<void> {
  const { runner } = scenario;
  const serving = nodeGroupsOf(objectsOf(renderedNow(scenario))).filter(servesOnly);
  const { group } = servingDeployment(scenario);

  await runner.check('scaling to zero removes the nodes, and none that serve others', () =>
    onlyEmptyNodesGo(scenario, group, serving),
  );
  const [machineType, next] = group.machineTypes;
  if (machineType === undefined || next === undefined) {
    await scenario.delivery.settled(renderedNow(scenario), await revert(scenario));
  } else {
    await runner.check(`scaled up while ${machineType} cannot be bought, it runs on ${next}`, () =>
      fallsBack(scenario, group, machineType),
    );
  }
  await runner.check('a node that disappears is replaced', () => nodeIsReplaced(scenario, group));
}

/** Karpenter may consolidate at once everywhere: it takes the nodes of the group that is scaled to zero, and no other. */
async function onlyEmptyNodesGo(
  scenario: Scenario,
  group: NodeGroup,
  serving: readonly NodeGroup[],
): Promise<void> {
  const { cluster } = scenario.bench;
  const rendered = renderedNow(scenario);
  const others = serving.filter(({ name }) => name !== group.name);
  const nodesOfOthers = async (): Promise<readonly string[]> =>
    (await Promise.all(others.map(({ name }) => nodesOf(cluster, name))))
      .flat()
      .map(({ metadata }) => metadata.name)
      .sort();
  const before = await nodesOfOthers();
  for (const pool of serving.flatMap(({ pools }) => pools)) {
    edit(scenario, folderOf(rendered.folders, pool), pool, ['spec', 'disruption', 'consolidateAfter'], '0s');
  }
  for (const workload of group.workloads) {
    edit(scenario, folderOf(rendered.folders, workload), workload, ['spec', 'replicas'], 0);
  }
  await deliver(scenario, 'Scale to zero');
  await eventually(`no node of ${group.name} is left`, REMOVED_SECONDS, async () => {
    equal((await nodesOf(cluster, group.name)).length, 0, 'nodes');
  });
  deepEqual(await nodesOfOthers(), before, 'nodes of the groups that serve');
}

async function fallsBack(scenario: Scenario, group: NodeGroup, machineType: string): Promise<void> {
  const { bench, instanceTypes, delivery } = scenario;
  await bench.karpenter.offer(instanceTypes.filter(({ name }) => name !== machineType));
  const revision = await revert(scenario);
  await delivery.settled(renderedNow(scenario), revision);
  await everyPodRuns(bench.cluster, group.workloads);
  await nodesArePredicted(bench.cluster, group, gpusOf(instanceTypes), 1);
  await bench.karpenter.offer(instanceTypes);
}

async function nodeIsReplaced(scenario: Scenario, group: NodeGroup): Promise<void> {
  const { cluster } = scenario.bench;
  const before = await nodesOf(cluster, group.name);
  const [lost] = before;
  ok(lost !== undefined, `group ${group.name} has a node to lose`);
  await loseNode(scenario, lost, scenario.instanceTypes);
  await eventually(`group ${group.name} has another node`, REPLACED_SECONDS, async () => {
    const names = (await nodesOf(cluster, group.name)).map(({ metadata }) => metadata.name);
    ok(!names.includes(lost.metadata.name), 'the lost node is still there');
    equal(names.length, before.length, 'nodes');
  });
  await everyPodRuns(cluster, group.workloads);
}
