import { deepEqual, equal } from 'node:assert/strict';
import { describe, refOf, type Manifest } from '../bench/cluster/manifest';
import { eventually } from '../bench/process/eventually';
import { objectsOf, workloadsOf } from '../bench/tree/fleet';
import { removeWorkspace } from '../bench/tree/remove-workspace';
import type { AppliedFolder } from '../bench/tree/rendered-tree';
import { deliver, renderedNow, revert, workspacesOf, type Scenario } from './scenario';

/** Longest that an engine may take to act on a commit or an edit. */
const ACTED_SECONDS = 120;
/** Kinds that hold data or cost money. */
const PROTECTED: ReadonlySet<string> = new Set([
  'Namespace',
  'NodeClaim',
  'NodePool',
  'PersistentVolume',
  'PersistentVolumeClaim',
]);
/** A label of every workload, which a person may well overwrite: only pods are selected by it. */
const LABEL = 'slipway.dev/workspace';

/** What people do to a fleet by hand and through Git, and what the engine makes of it. */
export async function operations(scenario: Scenario): Promise<void> {
  const { runner } = scenario;
  const [folder] = workspacesOf(renderedNow(scenario));
  if (folder === undefined) throw new Error(`cluster ${scenario.clusterName} has no Workspace`);

  await runner.check('an edit by hand is taken back', () => editIsTakenBack(scenario, folder));
  await runner.check(
    'removing a Workspace deletes what it runs, keeps what is protected and leaves nothing open; git revert brings it back',
    () => removedAndBack(scenario, folder),
  );
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

async function removedAndBack(scenario: Scenario, folder: AppliedFolder): Promise<void> {
  const { bench, delivery, repository } = scenario;
  const { cluster } = bench;
  const rendered = renderedNow(scenario);
  const lasting = objectsOf(rendered).filter(({ kind }) => kind !== 'Job');
  const before = await Promise.all(lasting.map((object) => cluster.get(refOf(object))));

  removeWorkspace(repository.folder, rendered, folder);
  const removal = await deliver(scenario, `Remove ${folder.path}`);
  const names = (objects: readonly Manifest[]): readonly string[] =>
    objects.map((object) => describe(refOf(object)));
  const removed = lasting.filter(
    (object) => !names(objectsOf(renderedNow(scenario))).includes(describe(refOf(object))),
  );
  const live = async (objects: readonly Manifest[]): Promise<readonly string[]> => {
    const found = await Promise.all(objects.map((object) => cluster.find(refOf(object))));
    return names(objects).filter((_, index) => found[index] !== undefined);
  };
  const kept = removed.filter((object) => delivery.keeps(object));
  deepEqual(
    names(removed.filter((object) => PROTECTED.has(object.kind) && !delivery.keeps(object))),
    [],
    'objects that hold data or cost money, and are rendered without protection',
  );
  // A node class stays as long as the node pool that refers to it.
  const deleted = folder.objects.filter((object) => !delivery.keeps(object));
  await eventually('what is not protected is deleted', ACTED_SECONDS, async () => {
    deepEqual(await live(deleted), [], 'still there');
  });
  deepEqual(await live(kept), names(kept), 'protected objects that are still there');
  // What is kept is nobody's open task: the others' Applications and Kustomizations are as well as before.
  await delivery.settled(renderedNow(scenario), removal);

  const revision = await revert(scenario);
  await delivery.settled(renderedNow(scenario), revision);
  for (const object of before) {
    // What a Service got from the API server (its address) belongs to that Service.
    if (object.kind === 'Service') continue;
    const now = await cluster.get(refOf(object));
    deepEqual(now['spec'] ?? now['data'], object['spec'] ?? object['data'], describe(refOf(object)));
  }
}
