import { equal, match, notEqual } from 'node:assert/strict';
import { refOf, type Manifest } from '../bench/cluster/manifest';
import { eventually } from '../bench/process/eventually';
import { nodePoolsOf, objectsOf } from '../bench/tree/fleet';
import { removeWorkspace } from '../bench/tree/remove-workspace';
import { deliver, edit, folderOf, renderedNow, workspacesOf, type Scenario } from './scenario';

const SYNC_OPTIONS = 'argocd.argoproj.io/sync-options';
const COMPARE_OPTIONS = 'argocd.argoproj.io/compare-options';
const LABEL = 'e2e.slipway.dev/later';
const ACTED_SECONDS = 120;
/** Refreshes come every 30 s here: a commit that nothing holds up is applied well within this. */
const HELD_UP_SECONDS = 45;

/**
 * Why node pools are not protected with `Prune=confirm`: with it, a removed Workspace holds up every later commit to the
 * platform's folder, and with it other Workspaces' new nodes, until somebody confirms.
 */
export async function confirmation(scenario: Scenario): Promise<void> {
  await scenario.runner.check(
    'with Prune=confirm on its nodes a removed Workspace would hold up all other nodes',
    () => holdsOthersUp(scenario),
  );
}

async function holdsOthersUp(scenario: Scenario): Promise<void> {
  const { bench, delivery, repository } = scenario;
  const { cluster } = bench;
  const start = renderedNow(scenario);
  const [workspace] = workspacesOf(start);
  const pools = nodePoolsOf(objectsOf(start));
  const own = pools.filter(({ metadata }) =>
    metadata.name.startsWith(workspace?.path.split('/').slice(-2).join('--') ?? ''),
  );
  const other = pools.find((pool) => !own.includes(pool));
  if (workspace === undefined || other === undefined) throw new Error('this takes two Workspaces with nodes');
  for (const pool of own) {
    const folder = folderOf(start.folders, pool);
    edit(scenario, folder, pool, ['metadata', 'annotations', SYNC_OPTIONS], 'Prune=confirm');
    edit(scenario, folder, pool, ['metadata', 'annotations', COMPARE_OPTIONS], '');
  }
  await delivery.settled(renderedNow(scenario), await deliver(scenario, 'Ask before node pools are pruned'));

  const platform = folderOf(start.folders, other);
  removeWorkspace(repository.folder, renderedNow(scenario), workspace);
  await deliver(scenario, 'Remove a Workspace');
  const application = `${scenario.clusterName}.${platform.path.split('/').at(-1) ?? ''}`;
  const ref = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    name: application,
    namespace: 'argocd',
  };
  await eventually('Argo CD asks for a confirmation', ACTED_SECONDS, async () => {
    const { status } = await cluster.get<Manifest & { status?: { operationState?: { message?: string } } }>(
      ref,
    );
    match(status?.operationState?.message ?? '', /Waiting for pruning confirmation/);
  });

  edit(scenario, platform, other, ['metadata', 'labels', LABEL], 'yes');
  await deliver(scenario, 'Change other nodes');
  const label = async (): Promise<string | undefined> =>
    (await cluster.get(refOf(other))).metadata.labels?.[LABEL];
  const deadline = Date.now() + HELD_UP_SECONDS * 1000;
  while (Date.now() < deadline) {
    notEqual(await label(), 'yes', 'the later commit was applied before anybody confirmed');
    await delivery.look(platform);
    await new Promise((resolve) => setTimeout(resolve, 2000));
  }
  await cluster.patch(ref, {
    metadata: { annotations: { 'argocd.argoproj.io/deletion-approved': new Date().toISOString() } },
  });
  await eventually('the later commit is applied once somebody has confirmed', ACTED_SECONDS, async () => {
    await delivery.look(platform);
    equal(await label(), 'yes', LABEL);
  });
}
