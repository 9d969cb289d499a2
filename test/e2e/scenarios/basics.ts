import { agentPoolsOf } from '../bench/tree/agent-pools';
import { isPredicted, nodeGroupsOf, objectsOf, servesOnly, workloadsOf } from '../bench/tree/fleet';
import { acceptsEveryField, podsAreRestricted, secondApplyChangesNothing } from '../checks/api-server';
import { agentPoolIsMade } from '../checks/agent-pools';
import {
  everyGroupIsMade,
  everyPodRuns,
  gpusOf,
  nodesArePredicted,
  podsStayOnTheirNodes,
} from '../checks/nodes';
import { classesOf } from '../bench/surroundings/storage';
import { renderedNow, type Scenario } from './scenario';

/** What has to hold for every cluster that is rendered. Returns whether the engine brought it up. */
export async function basics(scenario: Scenario): Promise<boolean> {
  const { bench, runner, delivery, repository, engine, instanceTypes, servingNodes } = scenario;
  const { cluster } = bench;
  const rendered = renderedNow(scenario);
  const objects = objectsOf(rendered);
  const groups = nodeGroupsOf(objects);
  const serving = groups.filter(servesOnly);

  await cluster.apply(classesOf(objects));
  const isUp = await runner.check(
    `${delivery.name}, installed with one command, makes ${rendered.folders.length} folders ready`,
    async () => {
      const revision = await repository.head();
      await delivery.install(rendered, revision);
      await delivery.settled(rendered, revision);
    },
  );
  await runner.check(
    `the API server accepts every field of ${objects.length} objects and of the engine's own, without a warning`,
    () => acceptsEveryField(cluster, objects, rendered.engines[engine]?.objects ?? []),
  );
  if (!isUp) return false;
  await runner.check('what has to be there first was there first', () => delivery.orderWasKept(rendered));
  await runner.check('looking again finds nothing to change', () => delivery.findsNothingToChange(rendered));
  await runner.check('every pod runs', () => everyPodRuns(cluster, workloadsOf(objects)));
  for (const pool of agentPoolsOf(objects)) {
    await runner.check(`the provisioner made the nodes that are rendered for agent pool ${pool.name}`, () =>
      agentPoolIsMade(cluster, pool, workloadsOf(objects)),
    );
  }
  await runner.check(
    'every workload that selects nodes of a group has a group that something rendered makes',
    () => {
      everyGroupIsMade(objects);
      return Promise.resolve();
    },
  );
  await runner.check(
    'Karpenter made exactly the nodes that are rendered: type, count, labels, taints',
    async () => {
      for (const group of groups.filter(isPredicted))
        await nodesArePredicted(cluster, group, gpusOf(instanceTypes));
    },
  );
  await servingNodes.record(serving);
  await runner.check('no pod is on the free GPU node of somebody else', () =>
    podsStayOnTheirNodes(cluster, serving),
  );
  await runner.check('Pod Security at `restricted` admits every pod', () =>
    podsAreRestricted(cluster, objects),
  );
  await runner.check('a second apply by hand changes nothing', () =>
    secondApplyChangesNothing(cluster, objects),
  );
  return true;
}
