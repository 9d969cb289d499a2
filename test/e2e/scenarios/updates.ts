import { equal, ok } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { Cluster as ClusterConstruct, Workspace, type WorkspaceProps } from '../../../src';
import { conditionOf, refOf } from '../bench/cluster/manifest';
import { generateInto } from '../bench/tree/generate';
import { everyPodRuns, nodesOf, podsOf } from '../checks/nodes';
import { deliver, renderedNow, servingDeployment, type Scenario } from './scenario';

/** Name of the cluster that this scenario renders. */
export const UPDATED_CLUSTER = 'updated';

const REPLICAS = 2;
const BASE = {
  resource: { instanceType: 'Standard_NC24ads_A100_v4' },
  inference: { preset: { name: 'phi-4-mini-instruct' }, contextLength: 8192, replicas: REPLICAS },
} satisfies WorkspaceProps;

/** How often pods are counted while a change is carried out. */
const SAMPLE_MILLISECONDS = 200;

/** What was seen while a change was carried out. */
interface Observation {
  /** Most pods that held GPUs at once. */
  readonly mostPods: number;
  /** Fewest pods that could answer. */
  readonly fewestReady: number;
  /** Pods of before that are still there. */
  readonly keptPods: number;
  /** Nodes of before that are still there. */
  readonly keptNodes: number;
  readonly deploymentIsKept: boolean;
}

/** What a change of each part of a Workspace does to what runs. */
export async function updates(scenario: Scenario): Promise<void> {
  const { runner, delivery, repository } = scenario;
  const isUp = await runner.check('the Workspace that will be changed is up', async () => {
    render(scenario, BASE);
    const revision = await repository.commit('Render the Workspace');
    await delivery.install(renderedNow(scenario), revision);
    await delivery.settled(renderedNow(scenario), revision);
  });
  if (!isUp) return;

  const rolling: readonly (readonly [string, WorkspaceProps])[] = [
    ['a longer context', { ...BASE, inference: { ...BASE.inference, contextLength: 16384 } }],
    ['another model', { ...BASE, inference: { ...BASE.inference, preset: { name: 'phi-4' } } }],
    [
      'an adapter',
      {
        ...BASE,
        inference: {
          ...BASE.inference,
          adapters: [{ source: { name: 'style', image: 'registry.example.com/style:1' } }],
        },
      },
    ],
  ];
  for (const [what, props] of rolling) {
    await runner.check(
      `${what} replaces one pod at a time: no spare GPU, never all down, the same nodes`,
      async () => {
        const seen = await change(scenario, what, props);
        ok(seen.deploymentIsKept, 'the Deployment is the same');
        equal(seen.keptPods, 0, 'pods of before');
        equal(seen.keptNodes, REPLICAS, 'nodes of before');
        equal(seen.mostPods, REPLICAS, 'pods at once');
        ok(seen.fewestReady >= REPLICAS - 1, `at the worst ${seen.fewestReady} pods could answer`);
      },
    );
  }
  await change(scenario, 'back', BASE);
  await runner.check('another replica leaves the others alone', async () => {
    const more = { ...BASE, inference: { ...BASE.inference, replicas: REPLICAS + 1 } };
    const seen = await change(scenario, 'another replica', more);
    equal(seen.keptPods, REPLICAS, 'pods of before');
    equal(seen.mostPods, REPLICAS + 1, 'pods at once');
    equal(seen.fewestReady, REPLICAS, 'pods that could answer, at the worst');
  });
  await change(scenario, 'back', BASE);
  await runner.check(
    'another machine type moves the pods to new nodes, and never takes all down',
    async () => {
      const moved = { ...BASE, resource: { instanceType: 'Standard_NC40ads_H100_v5' } };
      const seen = await change(scenario, 'another machine type', moved);
      equal(seen.keptNodes, 0, 'nodes of before');
      ok(seen.fewestReady >= REPLICAS - 1, `at the worst ${seen.fewestReady} pods could answer`);
    },
  );
}

function render({ repository }: Scenario, props: WorkspaceProps): void {
  generateInto(repository, (fleet) => {
    new Workspace(new ClusterConstruct(fleet, UPDATED_CLUSTER, { cloud: 'azure' }), 'chat', props);
  });
}

async function change(scenario: Scenario, message: string, props: WorkspaceProps): Promise<Observation> {
  const { cluster } = scenario.bench;
  const { group, deployment } = servingDeployment(scenario);
  const pods = await podsOf(cluster, deployment);
  const nodes = await nodesOf(cluster, group.name);
  const { uid } = (await cluster.get(refOf(deployment))).metadata;

  let mostPods = 0;
  let fewestReady = Number.POSITIVE_INFINITY;
  let isOver = false;
  const watch = async (): Promise<void> => {
    while (!isOver) {
      const now = await podsOf(cluster, deployment);
      mostPods = Math.max(mostPods, now.length);
      fewestReady = Math.min(
        fewestReady,
        now.filter((pod) => conditionOf(pod, 'Ready')?.status === 'True').length,
      );
      await sleep(SAMPLE_MILLISECONDS);
    }
  };
  const watching = watch();
  try {
    render(scenario, props);
    const revision = await deliver(scenario, message);
    await scenario.delivery.settled(renderedNow(scenario), revision);
    await everyPodRuns(cluster, servingDeployment(scenario).group.workloads);
  } finally {
    isOver = true;
    await watching;
  }
  const names = (objects: readonly { readonly metadata: { readonly name: string } }[]): ReadonlySet<string> =>
    new Set(objects.map(({ metadata }) => metadata.name));
  const podsNow = names(await podsOf(cluster, deployment));
  const nodesNow = names(await nodesOf(cluster, group.name));
  return {
    mostPods,
    fewestReady,
    keptPods: pods.filter(({ metadata }) => podsNow.has(metadata.name)).length,
    keptNodes: nodes.filter(({ metadata }) => nodesNow.has(metadata.name)).length,
    deploymentIsKept: (await cluster.get(refOf(deployment))).metadata.uid === uid,
  };
}
