import { Harness, OUR_TAGS, pool } from './fake/harness';
import type { Plan } from '../../src/provisioner/commands/plan';

const A100 = 'Standard_NC24ads_A100_v4';
const H100 = 'Standard_NC40ads_H100_v5';

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.start();
  harness.azure.skus = [
    sku(A100, 'standardNCADSA100v4Family', 24),
    sku(H100, 'StandardNCadsH100v5Family', 40),
    sku('Standard_Closed', 'standardClosedFamily', 8, [
      { type: 'Location', reasonCode: 'NotAvailableForSubscription' },
    ]),
    { resourceType: 'disks', name: 'Premium_LRS' },
  ];
  harness.azure.usages = [
    usage('cores', 100, 350),
    usage('lowPriorityCores', 0, 24),
    usage('standardNCADSA100v4Family', 24, 48),
    usage('StandardNCadsH100v5Family', 0, 0),
  ];
});
afterEach(async () => {
  await harness.stop();
});

function sku(name: string, family: string, vcpus: number, restrictions: unknown[] = []): unknown {
  return {
    resourceType: 'virtualMachines',
    name,
    family,
    capabilities: [{ name: 'vCPUs', value: String(vcpus) }],
    restrictions,
  };
}

function usage(value: string, currentValue: number, limit: number): unknown {
  return { name: { value }, currentValue, limit, unit: 'Count' };
}

async function planned(pools: Parameters<Harness['run']>[1], args: readonly string[] = []): Promise<Plan> {
  const ran = await harness.run('plan', pools, ['-o', 'json', ...args]);
  const plan = JSON.parse(ran.stdout) as Plan;
  expect(ran.exitCode).toBe(plan.exitCode);
  return plan;
}

test('each pool is named with what would be done, and nothing is done', async () => {
  harness.azure.addPool('same', {
    vmSize: A100,
    count: 1,
    tags: OUR_TAGS,
    nodeLabels: { 'slipway.dev/node-group': 'ml--same' },
    nodeTaints: ['sku=gpu:NoSchedule'],
  });
  harness.azure.addPool('more', { vmSize: A100, count: 1, tags: OUR_TAGS });
  harness.azure.addPool('broken', { vmSize: A100, count: 1, tags: OUR_TAGS }, 'Failed');
  harness.azure.addPool('busy', { vmSize: A100, count: 1, tags: OUR_TAGS }, 'Scaling');
  harness.azure.addPool('orphan', { vmSize: A100, count: 1, tags: OUR_TAGS });
  harness.azure.addPool('system', { vmSize: 'Standard_D4s_v5', count: 2, mode: 'System' });
  const plan = await planned(['new', 'same', 'more', 'broken', 'busy'].map((name) => pool(name)));
  expect(plan.pools.map(({ pool: name, action }) => [name, action])).toEqual([
    ['new', 'create'],
    ['same', 'noop'],
    ['more', 'update'],
    ['broken', 'failed'],
    ['busy', 'wait'],
  ]);
  expect(plan.pools[2]?.message).toBe(
    'nodeLabels.slipway.dev/node-group: (none) -> ml--more; nodeTaints: [] -> ["sku=gpu:NoSchedule"]',
  );
  expect(plan.orphans).toEqual(['orphan']);
  expect(plan.exitCode).toBe(10);
  expect(harness.azure.writes).toEqual([]);
  expect(harness.kubernetes.leases.size).toBe(0);
});

test('exit 0 when there is nothing to do, 3 for drift, 4 for a pool of someone else', async () => {
  expect((await planned([])).exitCode).toBe(0);
  harness.azure.addPool('gpua', { vmSize: H100, count: 1, tags: OUR_TAGS });
  harness.azure.addPool('gpub', { vmSize: A100, count: 1 });
  expect((await planned([pool('gpua')])).exitCode).toBe(3);
  expect((await planned([pool('gpub')])).exitCode).toBe(4);
});

test('quota is counted over all pools, by family, region and spot', async () => {
  const spot = pool('spot', [], { candidates: [{ vmSize: A100, priority: 'Spot' }], count: 2 });
  const plan = await planned([
    pool('gpua', [H100, A100]),
    pool('gpub'),
    spot,
    pool('gpuc', ['Standard_Closed', 'Standard_Unheard']),
  ]);
  expect(plan.quota).toEqual([
    {
      pool: 'gpua',
      vmSize: H100,
      enough: false,
      message:
        'needs 40 vCPU of StandardNCadsH100v5Family, 0 left of 0; needs 40 vCPU of cores, 250 left of 350',
    },
    {
      pool: 'gpua',
      vmSize: A100,
      enough: true,
      message:
        'needs 24 vCPU of standardNCADSA100v4Family, 24 left of 48; needs 24 vCPU of cores, 250 left of 350',
    },
    {
      pool: 'gpub',
      vmSize: A100,
      enough: false,
      message:
        'needs 24 vCPU of standardNCADSA100v4Family, 0 left of 48; needs 24 vCPU of cores, 226 left of 350',
    },
    {
      pool: 'spot',
      vmSize: A100,
      enough: false,
      message: 'needs 48 vCPU of lowPriorityCores, 24 left of 24',
    },
    {
      pool: 'gpuc',
      vmSize: 'Standard_Closed',
      enough: false,
      message: 'the subscription cannot have it in westeurope: NotAvailableForSubscription',
    },
    { pool: 'gpuc', vmSize: 'Standard_Unheard', enough: false, message: 'is not offered in westeurope' },
  ]);
});

test('a pool that grows needs quota for the nodes that are added only', async () => {
  harness.azure.addPool('gpua', { vmSize: A100, count: 1, tags: OUR_TAGS });
  const plan = await planned([pool('gpua', [H100, A100], { count: 3 })]);
  expect(plan.quota).toEqual([
    expect.objectContaining({
      vmSize: A100,
      enough: false,
      message:
        'needs 48 vCPU of standardNCADSA100v4Family, 24 left of 48; needs 48 vCPU of cores, 250 left of 350',
    }),
  ]);
});

test('an identity that may not ask for quota still gets a plan, which says so', async () => {
  harness.azure.mayReadCompute = false;
  const plan = await planned([pool('gpua')]);
  expect(plan).toMatchObject({ quota: null, exitCode: 10 });
  expect(plan.quotaNote).toContain('AuthorizationFailed');
  expect(await planned([pool('gpua')], ['--preflight', 'off'])).toMatchObject({ quotaNote: 'not asked for' });
});

test('a pool that scales by itself is refused where Node Auto Provisioning is on', async () => {
  harness.azure.cluster.nodeProvisioningProfile = { mode: 'Auto' };
  const plan = await planned([pool('gpua', [A100], { autoscale: { min: 0, max: 1 } })]);
  expect(plan).toMatchObject({ exitCode: 2, quota: [], pools: [{ action: 'blocked' }] });
  expect(plan.pools[0]?.message).toContain('Node Auto Provisioning');
});

test('the table for people', async () => {
  harness.azure.addPool('gpub', { vmSize: H100, count: 1, tags: OUR_TAGS });
  harness.azure.addPool('old', { vmSize: H100, count: 1, tags: OUR_TAGS });
  const ran = await harness.run('plan', [pool('gpua', [A100, H100]), pool('gpub')]);
  expect(ran.stdout.split('\n').map((line) => line.trimEnd())).toEqual([
    'Cluster prod, owner fleet/prod',
    '   pool  machine type              nodes  what',
    '+  gpua  Standard_NC24ads_A100_v4  1      create; candidates: Standard_NC24ads_A100_v4, Standard_NC40ads_H100_v5',
    '!  gpub  Standard_NC40ads_H100_v5  1      immutable: vmSize: Standard_NC40ads_H100_v5 -> Standard_NC24ads_A100_v4',
    '1 to create, 0 to change, 0 as described, 1 in the way',
    'Not described any more, "slipway provision prune" removes them: old',
    'Quota ok: gpua Standard_NC24ads_A100_v4 needs 24 vCPU of standardNCADSA100v4Family, 24 left of 48; needs 24 vCPU of cores, 250 left of 350',
    'Quota not enough: gpua Standard_NC40ads_H100_v5 needs 40 vCPU of StandardNCadsH100v5Family, 0 left of 0; needs 40 vCPU of cores, 226 left of 350',
    '',
  ]);
});

test('a list of pools over several pages is read whole', async () => {
  for (let index = 0; index < 45; index++) {
    harness.azure.addPool(`old${index}`, { vmSize: A100, count: 1, tags: OUR_TAGS });
  }
  expect((await planned([])).orphans).toHaveLength(45);
});
