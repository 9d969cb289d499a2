import { KubernetesError } from '../../src/provisioner/kubernetes/api';
import { readinessOf } from '../../src/provisioner/wait/readiness';
import { expectationOf } from '../../src/provisioner/wait/expectation';
import { Harness, OUR_TAGS, pool } from './fake/harness';
import { node } from './fake/kubernetes';

const A100 = 'Standard_NC24ads_A100_v4';
const expected = expectationOf(
  pool('gpua', [A100], { count: 2 }),
  { vmSize: A100 },
  undefined,
  () => undefined,
);

describe('what a pool still lacks', () => {
  test('nodes that are not registered, not Ready, or unknown to the cloud controller', () => {
    const nodes = [
      { ...node('gpua', 0, 1), ready: false, notReadyReason: 'KubeletNotReady: no CNI' },
      { ...node('gpua', 1, 1), uninitialized: true },
    ];
    expect(readinessOf({ ...expected, nodes: 3 }, nodes)).toEqual({
      stage: 'nodes',
      readyNodes: 0,
      gpus: 0,
      message:
        '0 of 3 nodes Ready: aks-gpua-0 is not Ready (KubeletNotReady: no CNI); aks-gpua-1 waits for the cloud controller; 1 not registered with Kubernetes yet',
    });
  });

  test('GPUs, with who should bring them', () => {
    const nodes = [node('gpua', 0, 1), node('gpua', 1, 0)];
    expect(readinessOf(expected, nodes)).toMatchObject({ stage: 'gpu', readyNodes: 2, gpus: 1 });
    expect(readinessOf(expected, nodes).message).toContain(
      'aks-gpua-1 offers 0 of 1; is the NVIDIA device plugin running',
    );
    expect(readinessOf({ ...expected, driver: 'None' }, nodes).message).toContain('GPU Operator');
    expect(readinessOf({ ...expected, level: 'nodes' }, nodes)).toMatchObject({ stage: 'done' });
  });

  test('nothing, though a node more than described is not ready', () => {
    const nodes = [node('gpua', 0, 1), node('gpua', 1, 1), node('gpua', 2, 0)];
    expect(readinessOf(expected, nodes)).toMatchObject({ stage: 'done' });
  });
});

describe('GPUs of one node', () => {
  const actual = { vmSize: A100 };
  test('come from the document, else from the catalogue, else one is enough', () => {
    const silent = pool('gpua', [], { candidates: [{ vmSize: A100 }] });
    expect(expectationOf(pool('gpua'), actual, undefined, () => 8).gpusPerNode).toBe(1);
    expect(expectationOf(silent, actual, undefined, () => 8).gpusPerNode).toBe(8);
    expect(expectationOf(silent, actual, undefined, () => undefined).gpusPerNode).toBeUndefined();
  });

  test('are MIG instances where the pool has a MIG profile', () => {
    const mig = pool('gpua', [A100], { gpuInstanceProfile: 'MIG2g' });
    expect(expectationOf(mig, actual, undefined, () => undefined).gpusPerNode).toBe(3);
  });
});

describe('slipway provision wait', () => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await Harness.start();
    harness.azure.addPool('gpua', { vmSize: A100, count: 1, tags: OUR_TAGS });
  });
  afterEach(async () => {
    await harness.stop();
  });

  test('ends when nodes offer their GPUs, without a lease and without a write', async () => {
    expect(await harness.run('wait', [pool('gpua')])).toMatchObject({ exitCode: 0 });
    expect(harness.azure.writes).toEqual([]);
    expect(harness.kubernetes.leases.size).toBe(0);
  });

  test('does not wait for the pool of someone else', async () => {
    harness.azure.addPool('gpub', { vmSize: A100, count: 1 });
    const ran = await harness.run('wait', [pool('gpub')]);
    expect(ran.exitCode).toBe(4);
    expect(ran.termination).toContain('a pool of this name exists and is not ours');
  });

  test('is over when the time of the run is', async () => {
    harness.kubernetes.gpus = 0;
    const ran = await harness.run('wait', [pool('gpua')], ['--timeout', '120']);
    expect(ran.exitCode).toBe(8);
    expect(ran.termination).toMatch(/not ready after \d+ s: nodes Ready, nvidia\.com\/gpu missing/);
  });

  test('ends with code 8 when no device plugin registers, and says so', async () => {
    harness.kubernetes.gpus = 0;
    const ran = await harness.run('wait', [pool('gpua')]);
    expect(ran.exitCode).toBe(8);
    expect(ran.termination).toContain('not ready after 600 s');
    expect(ran.termination).toContain('NVIDIA device plugin');
    expect(await harness.run('wait', [pool('gpua')], ['--wait', 'nodes'])).toMatchObject({ exitCode: 0 });
  });

  test('ends with code 8 when nodes do not come, each limit on its own', async () => {
    harness.kubernetes.nodeDelayMs = 10_000_000;
    const before = harness.clock.now();
    const slow = pool('gpua', [A100], { waitFor: { nodesTimeoutSeconds: 60 } });
    expect(await harness.run('wait', [slow])).toMatchObject({ exitCode: 8 });
    expect(harness.clock.now() - before).toBeLessThan(120_000);
  });

  test('bears an API server that is away for a moment, not one that refuses', async () => {
    harness.kubernetes.nodeErrors.push(new KubernetesError('cannot list nodes: ECONNREFUSED', undefined));
    expect(await harness.run('wait', [pool('gpua')])).toMatchObject({ exitCode: 0 });
    harness.kubernetes.nodeErrors.push(new KubernetesError('cannot list nodes: HTTP 403 forbidden', 403));
    const ran = await harness.run('wait', [pool('gpua')]);
    expect(ran.exitCode).toBe(7);
    expect(ran.termination).toContain('ClusterRole');
  });

  test('waits for a pool that is still being made, and gives one up that failed', async () => {
    harness.azure.addPool('gpub', { vmSize: A100, count: 1, tags: OUR_TAGS }, 'Creating');
    const ran = await harness.run('wait', [pool('gpub')], ['--timeout', '100']);
    expect(ran).toMatchObject({ exitCode: 8 });
    harness.azure.addPool('gpub', { vmSize: A100, count: 1, tags: OUR_TAGS }, 'Failed');
    expect((await harness.run('wait', [pool('gpub')])).termination).toContain('apply" mends it');
  });
});
