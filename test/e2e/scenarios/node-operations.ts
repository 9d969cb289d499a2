import { deepEqual, equal, ok } from 'node:assert/strict';
import { refOf } from '../bench/cluster/manifest';
import { eventually } from '../bench/process/eventually';
import { nodeGroupsOf, objectsOf, servesOnly, type NodeGroup } from '../bench/tree/fleet';
import { everyPodRuns, gpusOf, nodesArePredicted, nodesOf } from '../checks/nodes';
import { deliver, edit, folderOf, renderedNow, revert, servingDeployment, type Scenario } from './scenario';

/** Longest that Karpenter may take to remove empty nodes, or to notice that one is lost: it looks every two minutes. */
const REMOVED_SECONDS = 400;

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

/** A machine that is gone: its Node leaves without a goodbye. */
async function nodeIsReplaced({ bench: { cluster } }: Scenario, group: NodeGroup): Promise<void> {
  const before = await nodesOf(cluster, group.name);
  const [lost] = before;
  ok(lost !== undefined, `group ${group.name} has a node to lose`);
  await cluster.patch(refOf({ ...lost, apiVersion: 'v1', kind: 'Node' }), { metadata: { finalizers: null } });
  await cluster.delete({ apiVersion: 'v1', kind: 'Node', name: lost.metadata.name });
  await eventually(`group ${group.name} has another node`, REMOVED_SECONDS, async () => {
    const names = (await nodesOf(cluster, group.name)).map(({ metadata }) => metadata.name);
    ok(!names.includes(lost.metadata.name), 'the lost node is still there');
    equal(names.length, before.length, 'nodes');
  });
  await everyPodRuns(cluster, group.workloads);
}
