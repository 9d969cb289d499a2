import { Harness, OUR_TAGS, pool } from './fake/harness';

const A100 = 'Standard_NC24ads_A100_v4';

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.start();
  for (const name of ['kept1', 'kept2', 'gone1', 'gone2']) {
    harness.azure.addPool(name, { vmSize: A100, count: 1, tags: OUR_TAGS });
  }
  harness.azure.addPool('foreign', { vmSize: A100, count: 1 });
  harness.azure.addPool('other', {
    vmSize: A100,
    count: 1,
    tags: { ...OUR_TAGS, 'slipway-owner': 'another' },
  });
  harness.azure.addPool('system', { vmSize: 'Standard_D4s_v5', count: 2, mode: 'System' });
});
afterEach(async () => {
  await harness.stop();
});

const document = [pool('kept1'), pool('kept2')];

test('shows what would go and does nothing', async () => {
  const ran = await harness.run('prune', document);
  expect(ran.exitCode).toBe(10);
  expect(ran.termination).toContain('gone1: to-delete: 1 nodes of Standard_NC24ads_A100_v4');
  expect(harness.azure.writes).toEqual([]);
});

test('with --yes deletes exactly the pools of this owner that are not described', async () => {
  const ran = await harness.run('prune', document, ['--yes']);
  expect(ran.exitCode).toBe(0);
  expect([...harness.azure.pools.keys()].sort()).toEqual(['foreign', 'kept1', 'kept2', 'other', 'system']);
  const deleted = harness.azure.requests.filter(({ method }) => method === 'DELETE');
  expect(deleted.map(({ path }) => path)).toEqual([
    expect.stringContaining('ignore-pod-disruption-budget=false'),
    expect.stringContaining('ignore-pod-disruption-budget=false'),
  ]);
  expect(deleted.every(({ headers }) => headers['if-match'])).toBe(true);
  expect(await harness.run('prune', document, ['--yes'])).toMatchObject({ exitCode: 0 });
});

test.each([
  ['more pools than --max-pools', ['--max-pools', '1'], document, 'more than --max-pools 1'],
  ['more than half of the pools', [], [pool('kept1')], 'more than --max-percent 50'],
  ['all pools, of an empty document', ['--max-pools', '9'], [], 'is this the right document?'],
])('refuses %s', async (_what, args, pools, text) => {
  const ran = await harness.run('prune', pools, ['--yes', ...args]);
  expect(ran.exitCode).toBe(2);
  expect(ran.termination).toContain(text);
  expect(harness.azure.writes).toEqual([]);
});

test('never deletes a System pool, though it carries our tags', async () => {
  harness.azure.addPool('system', { vmSize: A100, count: 1, mode: 'System', tags: OUR_TAGS });
  const ran = await harness.run('prune', document, ['--yes']);
  expect(ran.exitCode).toBe(4);
  expect(harness.azure.writes).toEqual([]);
});

test('leaves a pool alone that has changed hands since it was listed', async () => {
  harness.azure.onHandled = ({ path, method }) => {
    const record = harness.azure.pools.get('gone1');
    if (method === 'GET' && path.includes('/agentPools?') && record) record.properties['tags'] = {};
  };
  const ran = await harness.run('prune', document, ['--yes']);
  expect(ran.exitCode).toBe(4);
  expect(harness.azure.writes).toEqual(['DELETE gone2']);
});

test('waits for other operations and for throttling', async () => {
  harness.azure.occupy('foreign', 300_000);
  let throttled = 0;
  harness.azure.interfere = ({ method }) =>
    method === 'DELETE' && throttled++ === 0
      ? {
          status: 429,
          body: { error: { code: 'Throttled', message: 'slow' } },
          headers: { 'retry-after': '30' },
        }
      : undefined;
  expect(await harness.run('prune', document, ['--yes'])).toMatchObject({ exitCode: 0 });
});

test('says which right is missing', async () => {
  harness.azure.mayDelete = false;
  const ran = await harness.run('prune', document, ['--yes']);
  expect(ran.exitCode).toBe(7);
  expect(ran.termination).toContain('agentPools/delete');
});
