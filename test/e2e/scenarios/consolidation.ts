import { ok, rejects } from 'node:assert/strict';
import { Cluster as ClusterConstruct, Workspace } from '../../../src';
import { eventually } from '../bench/process/eventually';
import type { Event } from '../bench/cluster/manifest';
import { consolidateAtOnce } from '../bench/tree/consolidate-at-once';
import { nodeGroupsOf, objectsOf, type NodeGroup } from '../bench/tree/fleet';
import { generateInto } from '../bench/tree/generate';
import { everyNodeGoes, everyPodRuns, gpusOf, nodesArePredicted } from '../checks/nodes';
import { fallsBack } from './fall-back';
import { deliver, edit, folderOf, renderedNow, type Scenario } from './scenario';

/** Name of the cluster that this scenario renders. */
export const CONSOLIDATED_CLUSTER = 'consolidated';

const FIRST = 'Standard_NC24ads_A100_v4';
/** Dearer: consolidation looks for the other one. */
const SECOND = 'Standard_NC40ads_H100_v5';
/** Longest that Karpenter may take to act, on a busy machine: it looks every ten seconds, and waits 15 s before it trusts what it saw. */
const ACTED_SECONDS = 240;

/**
 * A model that came up on the second machine type of its list, and the first can be bought again: Karpenter's consolidation would
 * move it. It does not, and that is the doing of what is rendered: with other settings it does, and the check that judges every
 * example fails.
 */
export async function consolidation(scenario: Scenario): Promise<void> {
  const { bench, runner, delivery, repository, servingNodes } = scenario;
  const isUp = await runner.check(
    `a model is up on ${SECOND}, since ${FIRST}, which is listed first, could not be bought`,
    async () => {
      render(scenario);
      const revision = await repository.commit('Render a Workspace');
      await fallsBack(scenario, groupNow(scenario), async () => {
        await delivery.install(renderedNow(scenario), revision);
        await delivery.settled(renderedNow(scenario), revision);
      });
      await servingNodes.record([groupNow(scenario)]);
    },
  );
  if (!isUp) return;
  await runner.check(
    `Karpenter, which can buy a ${FIRST} again and need not wait, has looked at its node and leaves it alone`,
    () => servingNodes.areLookedAt(),
  );
  await runner.check('under another consolidationPolicy the budget alone keeps it', () =>
    budgetKeepsIt(scenario),
  );
  await runner.check(`without the budget Karpenter replaces it by a ${FIRST}, and the check fails`, () =>
    nothingKeepsIt(scenario),
  );
  await runner.check('as it is rendered, and scaled to zero, it has no node', async () => {
    render(scenario);
    const rendered = renderedNow(scenario);
    for (const workload of groupNow(scenario).workloads) {
      edit(scenario, folderOf(rendered.folders, workload), workload, ['spec', 'replicas'], 0);
    }
    await delivery.settled(rendered, await deliver(scenario, 'Scale to zero'));
    await everyNodeGoes(bench.cluster, groupNow(scenario));
  });
}

function render({ repository }: Scenario): void {
  generateInto(repository, (fleet) => {
    const cluster = new ClusterConstruct(fleet, CONSOLIDATED_CLUSTER, { cloud: 'azure', gitOps: 'flux' });
    new Workspace(cluster, 'chat', {
      resource: { instanceType: [FIRST, SECOND] },
      inference: { preset: { name: 'phi-4-mini-instruct' }, contextLength: 8192 },
    });
  });
  consolidateAtOnce(repository.folder);
}

function groupNow(scenario: Scenario): NodeGroup {
  const [group] = nodeGroupsOf(objectsOf(renderedNow(scenario)));
  if (group === undefined) throw new Error('no NodePool is rendered');
  return group;
}

/** Change a setting of every NodePool, as somebody might by a patch. */
async function change(scenario: Scenario, setting: string, value: unknown): Promise<void> {
  const rendered = renderedNow(scenario);
  for (const pool of groupNow(scenario).pools) {
    edit(scenario, folderOf(rendered.folders, pool), pool, ['spec', 'disruption', setting], value);
  }
  await scenario.delivery.settled(rendered, await deliver(scenario, `Change ${setting}`));
}

async function budgetKeepsIt(scenario: Scenario): Promise<void> {
  const { bench, servingNodes } = scenario;
  await change(scenario, 'consolidationPolicy', 'WhenEmptyOrUnderutilized');
  await eventually('Karpenter wants to and says that it may not', ACTED_SECONDS, async () => {
    const events = await bench.cluster.list<Event>('v1', 'Event');
    ok(
      events.some(
        ({ reason, message }) => reason === 'DisruptionBlocked' && message.includes('Underutilized'),
      ),
      'an event of the NodePool',
    );
  });
  await servingNodes.areLeftAlone();
}

async function nothingKeepsIt(scenario: Scenario): Promise<void> {
  const { bench, servingNodes, instanceTypes } = scenario;
  const { cluster } = bench;
  await change(scenario, 'budgets', [{ nodes: '100%' }]);
  await eventually('the check fails', ACTED_SECONDS, () =>
    rejects(servingNodes.areLeftAlone(), /none may be replaced|deletion, disruption and events/),
  );
  servingNodes.forget(groupNow(scenario));
  await eventually(`a ${FIRST} is the only node`, ACTED_SECONDS, () =>
    nodesArePredicted(cluster, groupNow(scenario), gpusOf(instanceTypes)),
  );
  await everyPodRuns(cluster, groupNow(scenario).workloads);
}
