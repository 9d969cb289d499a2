import type { PoolStatus } from '../../src/provisioner/commands/status';
import { KubernetesError } from '../../src/provisioner/kubernetes/api';
import { Harness, OUR_TAGS, pool } from './fake/harness';

const A100 = 'Standard_NC24ads_A100_v4';

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.start();
  harness.kubernetes.nodeDelayMs = harness.kubernetes.gpuDelayMs = 0;
});
afterEach(async () => {
  await harness.stop();
});

async function statusOf(
  pools: Parameters<Harness['run']>[1],
): Promise<{ exitCode: number; pools: readonly PoolStatus[] }> {
  const ran = await harness.run('status', pools, ['-o', 'json']);
  return { exitCode: ran.exitCode, pools: JSON.parse(ran.stdout) as PoolStatus[] };
}

test('pools that are there, missing and orphaned, with nodes, GPUs and the catalogue’s price', async () => {
  harness.azure.addPool('gpua', { vmSize: A100, count: 2, tags: OUR_TAGS });
  harness.azure.addPool('old', { vmSize: A100, count: 1, tags: OUR_TAGS });
  harness.azure.addPool('foreign', { vmSize: A100, count: 1 });
  const status = await statusOf([pool('gpua'), pool('gpub')]);
  expect(status).toEqual({
    exitCode: 3,
    pools: [
      {
        pool: 'gpua',
        described: true,
        state: 'Succeeded',
        vmSize: A100,
        nodes: 2,
        readyNodes: 2,
        gpus: 2,
        pricePerHour: 7.346,
      },
      {
        pool: 'gpub',
        described: true,
        state: 'missing',
        vmSize: A100,
        nodes: 0,
        readyNodes: 0,
        gpus: 0,
        pricePerHour: null,
      },
      {
        pool: 'old',
        described: false,
        state: 'Succeeded',
        vmSize: A100,
        nodes: 1,
        readyNodes: 1,
        gpus: 1,
        pricePerHour: 3.673,
      },
    ],
  });
  const table = await harness.run('status', [pool('gpua'), pool('gpub')]);
  expect(table.stdout).toContain('1 not described any more, about 3.67 USD/h at list price');
});

test('exit 0 when everything is as described', async () => {
  harness.azure.addPool('gpua', { vmSize: A100, count: 1, tags: OUR_TAGS });
  expect(await statusOf([pool('gpua')])).toMatchObject({ exitCode: 0 });
});

test('an API server that cannot be reached leaves nodes and GPUs open, and Azure’s side is shown', async () => {
  harness.azure.addPool('gpua', { vmSize: A100, count: 1, tags: OUR_TAGS });
  harness.kubernetes.nodeErrors.push(new KubernetesError('cannot list nodes: ECONNREFUSED', undefined));
  const ran = await harness.run('status', [pool('gpua')], ['-o', 'json']);
  expect(ran.exitCode).toBe(0);
  expect(JSON.parse(ran.stdout)).toMatchObject([{ state: 'Succeeded', readyNodes: null, gpus: null }]);
  expect(ran.stderr).toContain('cannot list nodes: ECONNREFUSED');
});
