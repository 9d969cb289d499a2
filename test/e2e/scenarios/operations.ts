import { equal } from 'node:assert/strict';
import { describe, refOf, type Manifest } from '../bench/cluster/manifest';
import { eventually } from '../bench/process/eventually';
import {
  nodeGroupOf,
  nodeGroupsOf,
  objectsOf,
  servesOnly,
  workloadsOf,
  type NodeGroup,
} from '../bench/tree/fleet';
import type { AppliedFolder } from '../bench/tree/rendered-tree';
import { everyNodeGoes } from '../checks/nodes';
import { fallsBack } from './fall-back';
import { Removal } from './removal';
import { renderedNow, workspacesOf, type Scenario } from './scenario';

/** Longest that an engine may take to act on an edit. */
const ACTED_SECONDS = 120;
/** A label of every workload, which a person may well overwrite: only pods are selected by it. */
const LABEL = 'slipway.dev/workspace';

/** What people do to a fleet by hand and through Git, and what the engine makes of it. */
export async function operations(scenario: Scenario): Promise<void> {
  const { runner, bench, servingNodes } = scenario;
  const [folder] = workspacesOf(renderedNow(scenario));
  if (folder === undefined) throw new Error(`cluster ${scenario.clusterName} has no Workspace`);

  await runner.check('an edit by hand is taken back', () => editIsTakenBack(scenario, folder));
  const group = groupOfItsOwn(scenario, folder);
  const hasOthers = servingNodes.names.some((name) => name !== group?.name);
  // It looks every ten seconds: where there are others, it does while the nodes of this Workspace go.
  if (!hasOthers) await nodesAreLookedAt(scenario);
  if (group !== undefined) servingNodes.forget(group);
  const removal = new Removal(scenario, folder);
  await runner.check(
    `removing ${folder.path} deletes what it runs, keeps what is protected and leaves nothing open`,
    () => removal.carryOut(),
  );
  if (group !== undefined) {
    await runner.check('the nodes that it alone used go, and what is protected stays', async () => {
      await everyNodeGoes(bench.cluster, group);
      await removal.keepsWhatIsProtected();
    });
  }
  if (hasOthers) await nodesAreLookedAt(scenario);
  const [machineType, next] = group?.machineTypes ?? [];
  if (group !== undefined && machineType !== undefined && next !== undefined) {
    await runner.check(`brought back while ${machineType} cannot be bought, it runs on ${next}`, () =>
      fallsBack(scenario, group, () => removal.undo()),
    );
  } else {
    await runner.check('git revert brings it back as it was', () => removal.undo());
  }
  if (group !== undefined) await servingNodes.record([group]);
}

async function nodesAreLookedAt({ runner, servingNodes }: Scenario): Promise<void> {
  const { names } = servingNodes;
  if (names.length === 0) return;
  await runner.check(
    `Karpenter, which need not wait, has looked at the nodes of ${names.join(', ')} and leaves them alone`,
    () => servingNodes.areLookedAt(),
  );
}

/** The node group that Karpenter makes for this Workspace and no other, where it has one that serves. */
function groupOfItsOwn(scenario: Scenario, folder: AppliedFolder): NodeGroup | undefined {
  const name = nodeGroupOf(folder);
  return nodeGroupsOf(objectsOf(renderedNow(scenario))).find(
    (group) =>
      group.name === name &&
      servesOnly(group) &&
      group.workloads.every((workload) => isAmong(folder.objects, workload)) &&
      group.pools.every(({ spec }) => spec.replicas === undefined),
  );
}

function isAmong(objects: readonly Manifest[], object: Manifest): boolean {
  return objects.some((candidate) => describe(refOf(candidate)) === describe(refOf(object)));
}

async function editIsTakenBack({ bench, delivery }: Scenario, folder: AppliedFolder): Promise<void> {
  const [workload] = workloadsOf(folder.objects);
  if (workload === undefined) throw new Error(`${folder.path} runs nothing`);
  const ref = refOf(workload);
  const label = async (): Promise<string | undefined> =>
    (await bench.cluster.get(ref)).metadata.labels?.[LABEL];
  const rendered = workload.metadata.labels?.[LABEL];
  if (rendered === undefined) throw new Error(`${describe(ref)} is rendered without the label ${LABEL}`);
  await bench.cluster.patch(ref, { metadata: { labels: { [LABEL]: 'somebody' } } });
  await delivery.look(folder);
  await eventually(`${delivery.name} takes back the edit of ${describe(ref)}`, ACTED_SECONDS, async () => {
    equal(await label(), rendered, LABEL);
  });
}
