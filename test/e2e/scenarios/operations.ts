import { deepEqual, equal, match } from 'node:assert/strict';
import { describe, refOf, type Manifest } from '../bench/cluster/manifest';
import { SIMULATE } from '../bench/control-plane/kwok';
import { eventually } from '../bench/process/eventually';
import { objectsOf, workloadsOf, type Workload } from '../bench/tree/fleet';
import { removeWorkspace } from '../bench/tree/remove-workspace';
import type { AppliedFolder } from '../bench/tree/rendered-tree';
import { podsOf } from '../checks/nodes';
import { deliver, edit, folderOf, renderedNow, revert, servingDeployment, type Scenario } from './scenario';

/** Longest that an engine may take to act on a commit or an edit. */
const ACTED_SECONDS = 90;
/** Deadline that the bench writes into a Deployment which is to fail: the rendered ones are as long as models load. */
const SHORT_DEADLINE_SECONDS = 15;

/** What people do to a fleet through Git, and what the engine makes of it. */
export async function operations(scenario: Scenario): Promise<void> {
  const { runner } = scenario;
  const rendered = renderedNow(scenario);
  const { deployment } = servingDeployment(scenario);
  const folder = folderOf(rendered.folders, deployment);
  const job = workloadsOf(objectsOf(rendered)).find(({ kind }) => kind === 'Job');

  await runner.check('an edit by hand is taken back', () => editIsTakenBack(scenario, folder, deployment));
  await runner.check('an image that never arrives is reported', () =>
    imageIsReported(scenario, folder, deployment),
  );
  if (job !== undefined) {
    await runner.check('a Job that fails is reported', () =>
      failedJobIsReported(scenario, folderOf(rendered.folders, job), job),
    );
  }
  await runner.check(
    'removing a Workspace deletes what it runs and keeps what is protected; git revert brings it back',
    () => removedAndBack(scenario, folder),
  );
}

async function editIsTakenBack(
  { bench, delivery }: Scenario,
  folder: AppliedFolder,
  deployment: Workload,
): Promise<void> {
  interface Deadline extends Manifest {
    readonly spec: { readonly progressDeadlineSeconds: number };
  }
  const ref = refOf(deployment);
  const deadline = async (): Promise<number> =>
    (await bench.cluster.get<Deadline>(ref)).spec.progressDeadlineSeconds;
  const rendered = await deadline();
  await bench.cluster.patch(ref, { spec: { progressDeadlineSeconds: rendered + 1 } });
  await delivery.look(folder);
  await eventually(`${delivery.name} takes back the edit of ${describe(ref)}`, ACTED_SECONDS, async () => {
    equal(await deadline(), rendered, 'progressDeadlineSeconds');
  });
}

async function imageIsReported(
  scenario: Scenario,
  folder: AppliedFolder,
  deployment: Workload,
): Promise<void> {
  edit(scenario, folder, deployment, ['spec', 'template', 'metadata', 'annotations', SIMULATE], 'image-pull');
  edit(scenario, folder, deployment, ['spec', 'progressDeadlineSeconds'], SHORT_DEADLINE_SECONDS);
  await deliver(scenario, 'Name an image that is not there');
  try {
    // Argo CD quotes the Deployment's own words; Flux names the object and its state.
    const { name } = deployment.metadata;
    await complaintLike(
      scenario,
      folder,
      new RegExp(`Deployment/\\S*${name}.*(progress deadline|Failed)`, 's'),
    );
    const messages = (await podsOf(scenario.bench.cluster, deployment)).map(({ status }) =>
      JSON.stringify(status),
    );
    match(messages.join(), /ImagePullBackOff/);
  } finally {
    await scenario.delivery.settled(renderedNow(scenario), await revert(scenario));
  }
}

/** A Job's template cannot be changed: as a changed Job does when it is rendered, the failing one has a name of its own. */
async function failedJobIsReported(scenario: Scenario, folder: AppliedFolder, job: Workload): Promise<void> {
  edit(scenario, folder, job, ['spec', 'template', 'metadata', 'annotations', SIMULATE], 'failure');
  edit(scenario, folder, job, ['spec', 'backoffLimit'], 0);
  const failing = `${job.metadata.name.slice(0, 50)}-fails`;
  edit(scenario, folder, job, ['metadata', 'name'], failing);
  await deliver(scenario, 'Fail');
  try {
    await complaintLike(scenario, folder, new RegExp(`Job/\\S*${failing}.*(backoff limit|Failed)`, 's'));
  } finally {
    await scenario.delivery.settled(renderedNow(scenario), await revert(scenario));
  }
}

async function complaintLike({ delivery }: Scenario, folder: AppliedFolder, pattern: RegExp): Promise<void> {
  await eventually(`${delivery.name} says what is wrong with ${folder.path}`, ACTED_SECONDS, async () => {
    match(await delivery.complaint(folder), pattern);
  });
}

async function removedAndBack(scenario: Scenario, folder: AppliedFolder): Promise<void> {
  const { bench, delivery, repository } = scenario;
  const { cluster } = bench;
  const rendered = renderedNow(scenario);
  const lasting = objectsOf(rendered).filter(({ kind }) => kind !== 'Job');
  const before = await Promise.all(lasting.map((object) => cluster.get(refOf(object))));

  removeWorkspace(repository.folder, rendered, folder);
  await deliver(scenario, `Remove ${folder.path}`);
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
  // A node class stays as long as the node pool that refers to it.
  const deleted = folder.objects.filter((object) => !delivery.keeps(object));
  await eventually('what is not protected is deleted', ACTED_SECONDS, async () => {
    deepEqual(await live(deleted), [], 'still there');
  });
  deepEqual(await live(kept), names(kept), 'protected objects that are still there');

  const revision = await revert(scenario);
  await delivery.settled(renderedNow(scenario), revision);
  for (const object of before) {
    // What a Service got from the API server (its address) belongs to that Service.
    if (object.kind === 'Service') continue;
    const now = await cluster.get(refOf(object));
    deepEqual(now['spec'] ?? now['data'], object['spec'] ?? object['data'], describe(refOf(object)));
  }
}
