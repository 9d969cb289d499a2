import { equal, match, ok } from 'node:assert/strict';
import { conditionOf, refOf, type Manifest } from '../bench/cluster/manifest';
import { soldOut } from '../bench/control-plane/instance-types';
import { SIMULATE } from '../bench/control-plane/kwok';
import { eventually } from '../bench/process/eventually';
import { workloadsOf, type NodeGroup, type Workload } from '../bench/tree/fleet';
import type { AppliedFolder } from '../bench/tree/rendered-tree';
import { everyPodRuns, nodesOf, podsOf } from '../checks/nodes';
import { loseNode } from './lose-node';
import {
  deliver,
  edit,
  folderOf,
  renderedNow,
  revert,
  servingDeployment,
  workspacesOf,
  type Scenario,
} from './scenario';

/** Longest that an engine may take to say what is wrong. */
const TOLD_SECONDS = 240;
/** Deadline that the bench writes where something is to fail: the rendered ones are as long as models load. */
const SHORT_DEADLINE_SECONDS = 6;

interface LiveDeployment extends Manifest {
  readonly spec: { readonly replicas?: number };
  readonly status?: { readonly availableReplicas?: number };
}

/** What goes wrong, and what a person reads of it in the engine. */
export async function failures(scenario: Scenario): Promise<void> {
  const { runner } = scenario;
  const rendered = renderedNow(scenario);
  const { group, deployment } = servingDeployment(scenario);
  const folder = folderOf(rendered.folders, deployment);

  await runner.check('an image that never arrives is reported', () =>
    imageIsReported(scenario, folder, deployment),
  );
  await runner.check(
    'a node that is gone and cannot be bought again is reported, with the reason at the pod',
    () => missingNodeIsReported(scenario, folder, group, deployment),
  );
}

/** A Job of a Workspace that goes wrong, where there is one. */
export async function jobFailure(scenario: Scenario): Promise<void> {
  const { folders } = renderedNow(scenario);
  const jobs = workspacesOf(renderedNow(scenario))
    .flatMap(({ objects }) => workloadsOf(objects))
    .filter(({ kind }) => kind === 'Job');
  const [job] = jobs;
  if (job === undefined) return;
  await scenario.runner.check('a Job that fails is reported', () =>
    failedJobIsReported(scenario, folderOf(folders, job), job),
  );
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
  await eventually(`${delivery.name} says what is wrong with ${folder.path}`, TOLD_SECONDS, async () => {
    match(await delivery.complaint(folder), pattern);
  });
}

/** The machine type is sold out when its node goes: the pod waits, the engine says so, and the pod's events say why. */
async function missingNodeIsReported(
  scenario: Scenario,
  folder: AppliedFolder,
  group: NodeGroup,
  deployment: Workload,
): Promise<void> {
  const { bench, delivery, instanceTypes, servingNodes } = scenario;
  const { cluster } = bench;
  await delivery.judgeWithin(folder, SHORT_DEADLINE_SECONDS);
  const [lost] = await nodesOf(cluster, group.name);
  ok(lost !== undefined, `group ${group.name} has a node to lose`);
  servingNodes.forget(group);
  try {
    await loseNode(
      scenario,
      lost,
      soldOut(instanceTypes, (name) => group.machineTypes.includes(name)),
    );
    await eventually('its pods are gone with it', TOLD_SECONDS, async () => {
      const pods = await podsOf(cluster, deployment);
      equal(
        pods.filter(({ spec }) => spec.nodeName === lost.metadata.name).length,
        0,
        'pods on the lost node',
      );
    });
    const { name } = deployment.metadata;
    // What the engine sees is what the Deployment's controller has seen.
    await eventually(`${name} knows of it`, TOLD_SECONDS, async () => {
      const { spec, status } = await cluster.get<LiveDeployment>(refOf(deployment));
      ok((status?.availableReplicas ?? 0) < (spec.replicas ?? 1), 'replicas that are available');
    });
    // Once: Flux judges anew at each request, and says nothing while it does.
    await delivery.look(folder);
    await eventually(`${delivery.name} says that ${name} lacks a pod`, TOLD_SECONDS, async () => {
      match(
        await delivery.complaint(folder),
        new RegExp(`Deployment/\\S*${name}.*(replicas are available|InProgress)`, 's'),
      );
    });
    await eventually('the pod says why', TOLD_SECONDS, async () => {
      // Its events say so, too, unless the scheduler has told too much to be heard.
      const conditions = (await podsOf(cluster, deployment)).map((pod) => conditionOf(pod, 'PodScheduled'));
      const [waiting] = conditions.filter((condition) => condition?.status === 'False');
      match(`${waiting?.reason ?? ''}: ${waiting?.message ?? ''}`, /^Unschedulable: .*nodes are available/);
    });
  } finally {
    await bench.karpenter.offer(instanceTypes);
  }
  await everyPodRuns(cluster, [deployment]);
  await servingNodes.record([group]);
  await delivery.look(folder);
  await delivery.settled(renderedNow(scenario), await scenario.repository.head());
}
