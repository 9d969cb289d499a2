import { CLUSTER } from './fake/azure';
import { Harness, OUR_TAGS, OWNER, pool } from './fake/harness';

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.start();
});
afterEach(async () => {
  await harness.stop();
});

const A100 = 'Standard_NC24ads_A100_v4';
const H100 = 'Standard_NC40ads_H100_v5';

describe('a pool that is missing', () => {
  test('is created, and its nodes and GPUs are waited for', async () => {
    const ran = await harness.run('apply', [pool('gpua')]);
    expect(ran).toMatchObject({ exitCode: 0, stderr: '' });
    expect(harness.azure.writes).toEqual(['PUT gpua']);
    expect(harness.azure.bodies('gpua')).toEqual([
      {
        type: 'VirtualMachineScaleSets',
        mode: 'User',
        osType: 'Linux',
        vmSize: A100,
        enableAutoScaling: false,
        count: 1,
        nodeLabels: { 'slipway.dev/node-group': 'ml--gpua' },
        nodeTaints: ['sku=gpu:NoSchedule'],
        tags: OUR_TAGS,
      },
    ]);
    expect(ran.events.map(({ event }) => event)).toEqual([
      'pool-create',
      'pool-progress',
      'pool-created',
      'pool-outcome',
      'node-wait',
      'node-wait',
      'pool-ready',
      'summary',
    ]);
    expect(ran.termination).toBe(
      'exit 0: 1 of 1 pools as described\ngpua: created: 1 nodes Ready with 1 nvidia.com/gpu',
    );
    expect(harness.kubernetes.events).toMatchObject([
      { type: 'Normal', reason: 'Provisioned', podName: 'pod-a', podUid: 'c0ffee' },
    ]);
  });

  test('is created on the condition that there is none', async () => {
    await harness.run('apply', [pool('gpua')]);
    const put = harness.azure.requests.find(({ method }) => method === 'PUT');
    expect(put?.headers).toMatchObject({ 'if-none-match': '*' });
    expect(put?.headers).not.toHaveProperty('if-match');
  });

  test('gets every setting of the document', async () => {
    const ran = await harness.run('apply', [
      {
        name: 'gpua',
        candidates: [
          {
            vmSize: A100,
            gpusPerNode: 1,
            zones: ['1', '2'],
            priority: 'Spot',
            spotMaxPrice: 2.5,
            evictionPolicy: 'Deallocate',
          },
        ],
        autoscale: { min: 1, max: 4 },
        osSKU: 'AzureLinux',
        osDiskSizeGB: 512,
        osDiskType: 'Ephemeral',
        gpuDriver: 'None',
        gpuInstanceProfile: 'MIG1g',
        maxPods: 30,
        subnetId:
          '/subscriptions/s/resourceGroups/n/providers/Microsoft.Network/virtualNetworks/v/subnets/gpu',
        tags: { team: 'ml' },
        waitFor: { level: 'arm' },
      },
    ]);
    expect(ran.exitCode).toBe(0);
    expect(harness.azure.bodies('gpua')[0]).toMatchObject({
      availabilityZones: ['1', '2'],
      scaleSetPriority: 'Spot',
      spotMaxPrice: 2.5,
      scaleSetEvictionPolicy: 'Deallocate',
      enableAutoScaling: true,
      minCount: 1,
      maxCount: 4,
      osSKU: 'AzureLinux',
      osDiskSizeGB: 512,
      osDiskType: 'Ephemeral',
      gpuProfile: { driver: 'None' },
      gpuInstanceProfile: 'MIG1g',
      maxPods: 30,
      tags: { team: 'ml', ...OUR_TAGS },
    });
  });

  test('is found with the operation polled by the pool itself', async () => {
    harness.azure.operationForm = 'body';
    expect(await harness.run('apply', [pool('gpua')])).toMatchObject({ exitCode: 0 });
  });
});

describe('a pool that is there', () => {
  test('is left as it is by a second run', async () => {
    const pools = [
      pool('gpua', [A100, H100]),
      pool('spot', [], { candidates: [{ vmSize: A100, gpusPerNode: 1, priority: 'Spot' }] }),
      pool('auto', [H100], { autoscale: { min: 1, max: 2 } }),
    ];
    expect(await harness.run('apply', pools)).toMatchObject({ exitCode: 0 });
    const writes = harness.azure.writes.length;
    const again = await harness.run('apply', pools);
    expect(again).toMatchObject({ exitCode: 0 });
    expect(again.termination).toContain('gpua: unchanged');
    expect(harness.azure.writes).toHaveLength(writes);
  });

  test('is changed in place, with what is read-only left out and what others added kept', async () => {
    harness.azure.addPool('gpua', {
      vmSize: A100,
      count: 1,
      nodeLabels: { old: 'yes', 'kubernetes.azure.com/scalesetpriority': 'spot' },
      nodeTaints: ['kubernetes.azure.com/scalesetpriority=spot:NoSchedule'],
      scaleSetPriority: 'Spot',
      spotMaxPrice: -1,
      tags: { ...OUR_TAGS, costcenter: '42' },
    });
    const ran = await harness.run('apply', [
      pool('gpua', [], { candidates: [{ vmSize: A100, gpusPerNode: 1, priority: 'Spot' }], count: 2 }),
    ]);
    expect(ran.exitCode).toBe(0);
    const [body] = harness.azure.bodies('gpua');
    expect(body).toMatchObject({
      count: 2,
      nodeLabels: { 'slipway.dev/node-group': 'ml--gpua', 'kubernetes.azure.com/scalesetpriority': 'spot' },
      nodeTaints: ['kubernetes.azure.com/scalesetpriority=spot:NoSchedule', 'sku=gpu:NoSchedule'],
      tags: { ...OUR_TAGS, costcenter: '42' },
      orchestratorVersion: '1.33',
      scaleSetPriority: 'Spot',
    });
    for (const readOnly of [
      'nodeImageVersion',
      'powerState',
      'provisioningState',
      'eTag',
      'currentOrchestratorVersion',
    ]) {
      expect(body).not.toHaveProperty(readOnly);
    }
    const put = harness.azure.requests.find(({ method }) => method === 'PUT');
    expect(put?.headers['if-match']).toMatch(/^"tag-/);
  });

  test('that scales by itself never gets a count', async () => {
    harness.azure.addPool('gpua', {
      vmSize: A100,
      count: 3,
      enableAutoScaling: true,
      minCount: 1,
      maxCount: 3,
      tags: OUR_TAGS,
      nodeLabels: { 'slipway.dev/node-group': 'ml--gpua' },
      nodeTaints: ['sku=gpu:NoSchedule'],
    });
    const ran = await harness.run('apply', [pool('gpua', [A100], { autoscale: { min: 1, max: 5 } })]);
    expect(ran.exitCode).toBe(0);
    expect(harness.azure.bodies('gpua')[0]).not.toHaveProperty('count');
    expect(harness.azure.bodies('gpua')[0]).toMatchObject({ minCount: 1, maxCount: 5 });
  });

  test.each([
    [
      'another machine type',
      { vmSize: H100 },
      'vmSize: Standard_NC40ads_H100_v5 -> Standard_NC24ads_A100_v4',
    ],
    ['less disk', { vmSize: A100, osDiskSizeGB: 64 }, 'osDiskSizeGB: 64 -> 128'],
    ['zones', { vmSize: A100, availabilityZones: ['1'] }, 'availabilityZones: ["1"] -> []'],
    ['spot', { vmSize: A100, scaleSetPriority: 'Spot' }, 'scaleSetPriority: Spot -> Regular'],
    ['no driver', { vmSize: A100, gpuProfile: { driver: 'None' } }, 'gpuProfile.driver: None -> Install'],
    ['a MIG profile', { vmSize: A100, gpuInstanceProfile: 'MIG2g' }, 'gpuInstanceProfile: MIG2g -> (none)'],
  ])('with %s is reported and not touched', async (_what, properties, text) => {
    harness.azure.addPool('gpua', { count: 1, tags: OUR_TAGS, ...properties });
    const ran = await harness.run('apply', [pool('gpua', [A100], { osDiskSizeGB: 128 })]);
    expect(ran.exitCode).toBe(3);
    expect(ran.termination).toContain(text);
    expect(harness.azure.writes).toEqual([]);
  });

  test('with more disk than described is as described', async () => {
    harness.azure.addPool('gpua', {
      vmSize: A100,
      count: 1,
      osDiskSizeGB: 256,
      tags: OUR_TAGS,
      nodeLabels: { 'slipway.dev/node-group': 'ml--gpua' },
      nodeTaints: ['sku=gpu:NoSchedule'],
    });
    const ran = await harness.run('apply', [pool('gpua', [A100], { osDiskSizeGB: 128 })]);
    expect(ran).toMatchObject({ exitCode: 0 });
    expect(harness.azure.writes).toEqual([]);
  });

  test('with settings that the document does not have keeps them through an update', async () => {
    const settings = {
      kubeletConfig: { cpuManagerPolicy: 'static' },
      linuxOSConfig: { transparentHugePageEnabled: 'madvise' },
      securityProfile: { enableVTPM: true, enableSecureBoot: false },
      upgradeSettings: { maxSurge: '33%', drainTimeoutInMinutes: 30 },
      podSubnetID:
        '/subscriptions/s/resourceGroups/n/providers/Microsoft.Network/virtualNetworks/v/subnets/pods',
      enableEncryptionAtHost: true,
      enableUltraSSD: true,
      workloadRuntime: 'OCIContainer',
      capacityReservationGroupID:
        '/subscriptions/s/resourceGroups/n/providers/Microsoft.Compute/capacityReservationGroups/g',
    };
    harness.azure.addPool('gpua', { vmSize: A100, count: 1, tags: OUR_TAGS, ...settings });
    expect(await harness.run('apply', [pool('gpua', [A100], { count: 2 })])).toMatchObject({ exitCode: 0 });
    expect(harness.azure.bodies('gpua')).toMatchObject([{ count: 2, ...settings }]);
  });

  test('with more nodes than described keeps them until --allow-scale-down is given', async () => {
    const three = { vmSize: A100, count: 3, tags: OUR_TAGS };
    harness.azure.addPool('gpua', three);
    const held = await harness.run('apply', [pool('gpua')]);
    expect(held.exitCode).toBe(3);
    expect(held.termination).toContain('--allow-scale-down: count: 3 -> 1');
    // The labels and the taint were applied all the same.
    expect(harness.azure.bodies('gpua')).toMatchObject([{ count: 3, nodeTaints: ['sku=gpu:NoSchedule'] }]);
    const allowed = await harness.run('apply', [pool('gpua')], ['--allow-scale-down']);
    expect(allowed.exitCode).toBe(0);
    expect(harness.azure.bodies('gpua')).toMatchObject([{ count: 3 }, { count: 1 }]);
  });

  test.each([
    ['nobody', undefined],
    ['another fleet', { ...OUR_TAGS, 'slipway-owner': 'another' }],
  ])('and belongs to %s is left alone', async (_whose, tags) => {
    harness.azure.addPool('gpua', { vmSize: A100, count: 1, ...(tags ? { tags } : {}) });
    const ran = await harness.run('apply', [pool('gpua'), pool('gpub')]);
    expect(ran.exitCode).toBe(4);
    expect(harness.azure.writes).toEqual(['PUT gpub']);
  });

  test('and belongs to nobody is taken over with --adopt, one of another owner is not', async () => {
    harness.azure.addPool('gpua', { vmSize: A100, count: 1, tags: { team: 'ml' } });
    harness.azure.addPool('gpub', {
      vmSize: A100,
      count: 1,
      tags: { ...OUR_TAGS, 'slipway-owner': 'another' },
    });
    const ran = await harness.run('apply', [pool('gpua'), pool('gpub')], ['--adopt']);
    expect(ran.exitCode).toBe(4);
    expect(harness.azure.bodies('gpua')).toMatchObject([{ tags: { team: 'ml', ...OUR_TAGS } }]);
    expect(harness.azure.writes).toEqual(['PUT gpua']);
  });

  test('and is stopped is reported', async () => {
    harness.azure.addPool('gpua', { vmSize: A100, count: 1, tags: OUR_TAGS });
    const record = harness.azure.pools.get('gpua');
    if (record) record.properties['powerState'] = { code: 'Stopped' };
    const ran = await harness.run('apply', [pool('gpua')]);
    expect(ran.exitCode).toBe(3);
    expect(ran.termination).toContain('az aks nodepool start');
  });
});

describe('the cluster', () => {
  test('that does not exist ends the run with code 2', async () => {
    const ran = await harness.run('apply', [pool('gpua')], [], {
      environment: { AKS_CLUSTER_NAME: 'other' },
    });
    expect(ran.exitCode).toBe(2);
    expect(ran.termination).toContain('check subscription, resource group and cluster name');
  });

  test('that is stopped ends the run with code 2', async () => {
    harness.azure.cluster = { provisioningState: 'Succeeded', powerState: { code: 'Stopped' } };
    const ran = await harness.run('apply', [pool('gpua')]);
    expect(ran).toMatchObject({ exitCode: 2 });
    expect(ran.termination).toContain(`cluster ${CLUSTER} is stopped; start it with "az aks start"`);
  });

  test('that is being upgraded is waited for, up to the timeout', async () => {
    harness.azure.cluster = { provisioningState: 'Upgrading', powerState: { code: 'Running' } };
    harness.azure.onHandled = () => {
      if (harness.clock.slept > 200_000) harness.azure.cluster.provisioningState = 'Succeeded';
    };
    expect(await harness.run('apply', [pool('gpua')])).toMatchObject({ exitCode: 0 });
    harness.azure.cluster.provisioningState = 'Upgrading';
    harness.azure.onHandled = () => undefined;
    const ran = await harness.run('apply', [pool('gpua')], ['--timeout', '120']);
    expect(ran).toMatchObject({ exitCode: 6 });
  });

  test('with Node Auto Provisioning gets no pool that scales by itself', async () => {
    harness.azure.cluster.nodeProvisioningProfile = { mode: 'Auto' };
    const ran = await harness.run('apply', [
      pool('gpua', [A100], { autoscale: { min: 0, max: 2 } }),
      pool('gpub'),
    ]);
    expect(ran.exitCode).toBe(2);
    expect(harness.azure.writes).toEqual(['PUT gpub']);
  });
});

test('fifty pools are made one after another, and a second run changes nothing', async () => {
  const pools = Array.from({ length: 50 }, (_, index) => pool(`gpu${index}`));
  const ran = await harness.run('apply', pools);
  expect(ran.exitCode).toBe(0);
  expect(harness.azure.writes).toEqual(pools.map(({ name }) => `PUT ${name}`));
  expect(Buffer.byteLength(ran.termination ?? '')).toBeLessThanOrEqual(4096);
  expect(harness.azure.requests.filter(({ status }) => status === 409 || status === 429)).toEqual([]);
  expect(await harness.run('apply', pools)).toMatchObject({ exitCode: 0 });
  expect(harness.azure.writes).toHaveLength(50);
});

test('when the time is up, what is not begun is left to the next run', async () => {
  const pools = ['gpua', 'gpub', 'gpuc'].map((name) => pool(name));
  const ran = await harness.run('apply', pools, ['--timeout', '150', '--wait', 'arm']);
  expect(ran.exitCode).toBe(8);
  expect(harness.azure.writes).toEqual(['PUT gpua', 'PUT gpub']);
  expect(ran.termination).toMatch(/gpub: failed: Timeout: creation has not ended after \d+ s/);
  expect(ran.termination).toContain("gpuc: failed: not begun: this run's time (--timeout) is up");
  expect(await harness.run('apply', pools)).toMatchObject({ exitCode: 0 });
  expect(harness.azure.writes).toEqual(['PUT gpua', 'PUT gpub', 'PUT gpuc']);
});

test('one bad pool does not keep the others from being made', async () => {
  harness.azure.failAlways('Standard_Bad', {
    at: 'request',
    status: 400,
    error: { code: 'InvalidParameter', message: 'no' },
  });
  const ran = await harness.run('apply', [pool('bad', ['Standard_Bad']), pool('good')]);
  expect(ran.exitCode).toBe(2);
  expect(ran.termination).toMatch(
    /^exit 2: 1 of 2 pools as described\nbad: failed: InvalidParameter: no;.*\ngood: created/s,
  );
});

test('SIGTERM ends the run with 143 and frees the lease; the next run goes on from there', async () => {
  const stopped = await harness.run('apply', [pool('gpua')], [], { terminateAt: 'pool-progress' });
  expect(stopped).toMatchObject({ exitCode: 143 });
  expect([...harness.kubernetes.leases.values()]).toMatchObject([{ holder: '' }]);
  expect(harness.azure.pools.get('gpua')?.provisioningState).toBe('Creating');
  const next = await harness.run('apply', [pool('gpua')], [], { podName: 'pod-b' });
  expect(next).toMatchObject({ exitCode: 0 });
  expect(harness.azure.writes).toEqual(['PUT gpua']);
  expect(harness.azure.pools.get('gpua')?.properties).toMatchObject({ tags: { 'slipway-owner': OWNER } });
});

test('without access to Kubernetes, apply says how to do without', async () => {
  const ran = await harness.run('apply', [pool('gpua')], [], { withoutKubernetes: true });
  expect(ran.exitCode).toBe(2);
  expect(ran.termination).toContain('--no-lease');
  const noLease = await harness.run('apply', [pool('gpua')], ['--no-lease'], { withoutKubernetes: true });
  expect(noLease.exitCode).toBe(2);
  expect(noLease.termination).toContain('--wait arm');
  const arm = await harness.run('apply', [pool('gpua')], ['--no-lease', '--wait', 'arm'], {
    withoutKubernetes: true,
  });
  expect(arm.exitCode).toBe(0);
});
