import { equal } from 'node:assert/strict';
import { Cluster as ClusterConstruct, Workspace } from '../../../src';
import { generateInto } from '../bench/tree/generate';
import { objectsOf, workloadsOf } from '../bench/tree/fleet';
import { everyPodRuns } from '../checks/nodes';
import { renderedNow, type Scenario } from './scenario';

/** Name of the cluster that this scenario renders. */
export const LARGE_CLUSTER = 'large';

const WORKSPACES = 200;
const SETTLED_SECONDS = 900;

/** Many Workspaces in one commit. */
export async function scale(scenario: Scenario): Promise<void> {
  const { runner, bench, delivery, repository } = scenario;
  await runner.check(`${WORKSPACES} Workspaces in one commit are applied, scheduled and ready`, async () => {
    generateInto(repository, (fleet) => {
      const cluster = new ClusterConstruct(fleet, LARGE_CLUSTER, {
        cloud: 'azure',
        gitOps: 'flux',
        secrets: {
          external: [{ name: 'hf-token', store: { name: 'vault' }, keys: { HF_TOKEN: { key: 'ml/hf' } } }],
        },
      });
      for (let index = 1; index <= WORKSPACES; index++) {
        new Workspace(cluster, `model-${String(index).padStart(3, '0')}`, {
          resource: { instanceType: 'Standard_NC24ads_A100_v4' },
          inference: { preset: { name: 'phi-4-mini-instruct' } },
        });
      }
    });
    const revision = await repository.commit(`Render ${WORKSPACES} Workspaces`);
    const rendered = renderedNow(scenario);
    await delivery.install(rendered, revision);
    await delivery.settled(rendered, revision, SETTLED_SECONDS);
    const workloads = workloadsOf(objectsOf(rendered));
    equal(workloads.length, WORKSPACES, 'workloads');
    await everyPodRuns(bench.cluster, workloads);
  });
}
