import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { Cluster as ClusterConstruct, Workspace } from '../../../src';
import { describe, refOf, type Manifest, type ObjectRef } from '../bench/cluster/manifest';
import { eventually } from '../bench/process/eventually';
import { objectsOf } from '../bench/tree/fleet';
import { generateInto } from '../bench/tree/generate';
import { deliver, renderedNow, revert, type Scenario } from './scenario';

/** Name of the cluster that this scenario renders. */
export const ASKING_CLUSTER = 'asking';

const ACTED_SECONDS = 120;
/** Refreshes come every 30 s here: a commit that nothing holds up is applied well within this. */
const HELD_UP_SECONDS = 40;

const PLATFORM: ObjectRef = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  name: `${ASKING_CLUSTER}.platform`,
  namespace: 'argocd',
};

interface Application extends Manifest {
  readonly status?: {
    readonly sync?: { readonly status?: string; readonly revision?: string };
    readonly operationState?: { readonly message?: string };
  };
}

type Fleet = Readonly<Record<'chat' | 'trial', number | undefined>>;

/** What `pruneProtection: confirm` means: what is asked, what waits for the answer, and the two ways on. */
export async function confirmation(scenario: Scenario): Promise<void> {
  const { runner, delivery, repository } = scenario;
  const both: Fleet = { chat: 1, trial: 1 };
  const isUp = await runner.check(
    'two Workspaces are up, whose nodes and namespaces are asked about',
    async () => {
      render(scenario, both);
      const revision = await repository.commit('Render two Workspaces');
      await delivery.install(renderedNow(scenario), revision);
      await delivery.settled(renderedNow(scenario), revision);
    },
  );
  if (!isUp) return;
  await runner.check(
    'a Workspace that was brought back after it was asked about goes on when that sync is ended',
    () => broughtBack(scenario),
  );
  await runner.check(
    "without an answer nobody's new nodes are made, with it they are, and what was asked about is pruned",
    () => holdsOthersUp(scenario),
  );
}

function render({ repository }: Scenario, replicas: Fleet): void {
  generateInto(repository, (fleet) => {
    const cluster = new ClusterConstruct(fleet, ASKING_CLUSTER, {
      cloud: 'azure',
      pruneProtection: 'confirm',
    });
    for (const [name, count] of Object.entries(replicas)) {
      if (count === undefined) continue;
      new Workspace(cluster, name, {
        namespace: name,
        resource: { instanceType: 'Standard_NC24ads_A100_v4' },
        inference: { preset: { name: 'phi-4-mini-instruct' }, contextLength: 8192, replicas: count },
      });
    }
  });
}

async function broughtBack(scenario: Scenario): Promise<void> {
  const { bench } = scenario;
  render(scenario, { chat: 1, trial: undefined });
  await deliver(scenario, 'Remove a Workspace');
  await asked(scenario);
  const revision = await revert(scenario);
  // What the button and `argocd app terminate-op` do.
  await bench.cluster.patch(PLATFORM, { status: { operationState: { phase: 'Terminating' } } });
  await eventually('the platform is as it was', ACTED_SECONDS, async () => {
    const { status } = await bench.cluster.get<Application>(PLATFORM);
    // Nothing is left to do, so that no later operation takes the place of the one that was ended.
    deepEqual(
      [status?.sync?.status, status?.sync?.revision, status?.operationState?.message],
      ['Synced', revision, 'Operation terminated'],
    );
  });
}

async function holdsOthersUp(scenario: Scenario): Promise<void> {
  const { bench, delivery } = scenario;
  const { cluster } = bench;
  const before = objectsOf(renderedNow(scenario));
  render(scenario, { chat: 1, trial: undefined });
  await deliver(scenario, 'Remove a Workspace');
  await asked(scenario);

  render(scenario, { chat: 2, trial: undefined });
  const revision = await deliver(scenario, 'Ask for another replica elsewhere');
  const rendered = renderedNow(scenario);
  const [pool] = objectsOf(rendered).filter(({ kind }) => kind === 'NodePool');
  const [deployment] = objectsOf(rendered).filter(({ kind }) => kind === 'Deployment');
  const platform = rendered.folders.find(({ path }) => path.endsWith('/platform'));
  ok(pool && deployment && platform, 'a NodePool, a Deployment and the platform folder');
  const limits = async (): Promise<unknown> =>
    (await cluster.get<Manifest & { spec: { limits: unknown } }>(refOf(pool))).spec.limits;
  const { limits: wanted } = pool['spec'] as { readonly limits: unknown };
  for (const deadline = Date.now() + HELD_UP_SECONDS * 1000; Date.now() < deadline;) {
    notEqual(JSON.stringify(await limits()), JSON.stringify(wanted), 'limits of the NodePool');
    await delivery.look(platform);
    await sleep(2000);
  }
  const { spec } = await cluster.get<Manifest & { spec: { replicas?: number } }>(refOf(deployment));
  equal(spec.replicas, 2, 'replicas: Applications of Workspaces do not wait');

  await cluster.patch(PLATFORM, {
    metadata: { annotations: { 'argocd.argoproj.io/deletion-approved': new Date().toISOString() } },
  });
  await eventually('the later commit is applied once somebody has confirmed', ACTED_SECONDS, async () => {
    await delivery.look(platform);
    deepEqual(await limits(), wanted);
  });
  await delivery.settled(rendered, revision);
  const removed = before.filter(
    (object) => !objectsOf(rendered).some((other) => describe(refOf(other)) === describe(refOf(object))),
  );
  await eventually('what was asked about is gone', ACTED_SECONDS, async () => {
    const live = await Promise.all(removed.map((object) => cluster.find(refOf(object))));
    deepEqual(
      live.flatMap((object) => object?.metadata.name ?? []),
      [],
    );
  });
  ok(removed.some(({ kind }) => kind === 'Namespace') && removed.some(({ kind }) => kind === 'NodePool'));
}

async function asked({ bench: { cluster } }: Scenario): Promise<void> {
  await eventually('Argo CD asks for a confirmation', ACTED_SECONDS, async () => {
    const { status } = await cluster.get<Application>(PLATFORM);
    match(status?.operationState?.message ?? '', /Waiting for pruning confirmation/);
  });
}
