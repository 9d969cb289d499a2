import type { ErrorTree, Failure } from './fake/azure';
import { Harness, OUR_TAGS, pool } from './fake/harness';

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.start();
});
afterEach(async () => {
  await harness.stop();
});

const FIRST = 'Standard_NC24ads_A100_v4';
const SECOND = 'Standard_NC40ads_H100_v5';
const QUOTA_TEXT =
  'Operation could not be completed as it results in exceeding approved standardNCADSA100v4Family Cores quota. Additional details - Deployment Model: Resource Manager, Location: westeurope, Current Limit: 0, Additional Required: 24';

/** The ways in which Azure tells that a creation failed. */
const FORMS: readonly [string, 'header' | 'body', (error: ErrorTree, status: number) => Failure][] = [
  ['in the answer to the request', 'header', (error, status) => ({ at: 'request', status, error })],
  ['in the answer, flat', 'header', (error, status) => ({ at: 'request', status, error, flat: true })],
  ['by the operation', 'header', (error) => ({ at: 'operation', error })],
  [
    'nested in a wrapper by the operation',
    'header',
    (error) => ({
      at: 'operation',
      error: {
        code: 'ReconcileVMSSAgentPoolFailed',
        message: 'We were unable to reconcile',
        details: [error],
      },
    }),
  ],
  [
    "by the pool's status only, after a bare failure",
    'header',
    (error) => ({
      at: 'operation',
      provisioningError: { code: 'CreateVMSSAgentPoolFailed', message: 'no', details: [error] },
    }),
  ],
  ['by the pool itself', 'body', (error) => ({ at: 'operation', provisioningError: error })],
];

describe.each(FORMS)('no machines, told %s', (_name, form, failure) => {
  beforeEach(() => {
    harness.azure.operationForm = form;
  });

  test.each<[string, ErrorTree, number]>([
    ['quota', { code: 'QuotaExceeded', message: QUOTA_TEXT }, 400],
    ['quota', { code: 'OperationNotAllowed', message: QUOTA_TEXT }, 409],
    [
      'sku',
      { code: 'SkuNotAvailable', message: 'The requested size is not available in location westeurope' },
      409,
    ],
    ['capacity', { code: 'AllocationFailed', message: 'We do not have sufficient capacity' }, 409],
  ])('%s: the next machine type is tried (%j)', async (faultClass, error, status) => {
    harness.azure.fail(FIRST, failure(error, status));
    const ran = await harness.run('apply', [pool('gpua', [FIRST, SECOND])]);
    expect(ran.exitCode).toBe(0);
    expect(harness.azure.pools.get('gpua')).toMatchObject({
      provisioningState: 'Succeeded',
      properties: { vmSize: SECOND },
    });
    const told = ran.events.find(({ event }) => event === 'pool-fault');
    expect(told).toMatchObject({ level: 'warning', class: faultClass, code: error.code });
    expect(told?.message).toContain(error.message);
    expect(told?.armRequestId).toMatch(/^request-\d+$/);
  });

  test('the last candidate refused ends with code 5, each refusal in the service’s words, nothing left behind', async () => {
    const error = { code: 'AllocationFailed', message: 'We do not have sufficient capacity' };
    harness.azure.failAlways(FIRST, failure(error, 409));
    harness.azure.failAlways(SECOND, failure({ code: 'QuotaExceeded', message: QUOTA_TEXT }, 400));
    const ran = await harness.run('apply', [pool('gpua', [FIRST, SECOND])]);
    expect(ran.exitCode).toBe(5);
    expect(ran.termination).toContain(`${FIRST}: AllocationFailed: We do not have sufficient capacity`);
    expect(ran.termination).toContain(`${SECOND}: QuotaExceeded: ${QUOTA_TEXT}`);
    expect(harness.azure.pools.size).toBe(0);
    expect(harness.kubernetes.events).toMatchObject([{ type: 'Warning', reason: 'ProvisioningFailed' }]);
  });

  test('zone: the same machine type is made without zones, and a second run takes that for right', async () => {
    const zonal = pool('gpua', [], { candidates: [{ vmSize: FIRST, gpusPerNode: 1, zones: ['1'] }] });
    harness.azure.fail(FIRST, failure({ code: 'ZonalAllocationFailed', message: 'zone 1 is full' }, 409));
    expect(await harness.run('apply', [zonal])).toMatchObject({ exitCode: 0 });
    expect(harness.azure.bodies('gpua').at(-1)).not.toHaveProperty('availabilityZones');
    const writes = harness.azure.writes.length;
    expect(await harness.run('apply', [zonal])).toMatchObject({ exitCode: 0 });
    expect(harness.azure.writes).toHaveLength(writes);
  });
});

describe('what passes by itself', () => {
  test('another operation of the cluster is waited for', async () => {
    harness.azure.addPool('other', { vmSize: 'Standard_D4s_v5', count: 1 });
    harness.azure.occupy('other', 400_000);
    const ran = await harness.run('apply', [pool('gpua')]);
    expect(ran.exitCode).toBe(0);
    expect(ran.events.filter(({ class: faultClass }) => faultClass === 'busy').length).toBeGreaterThan(1);
  });

  test('another operation that does not end before the timeout ends the run with code 6', async () => {
    harness.azure.addPool('other', { vmSize: 'Standard_D4s_v5', count: 1 });
    harness.azure.occupy('other', 4_000_000);
    expect(await harness.run('apply', [pool('gpua')], ['--timeout', '600'])).toMatchObject({ exitCode: 6 });
  });

  test('an operation of the cluster that begins in between is waited for', async () => {
    harness.azure.addPool('gpua', { vmSize: FIRST, count: 1, tags: OUR_TAGS });
    harness.azure.onHandled = ({ method, path }) => {
      if (method === 'GET' && path.includes('/agentPools?')) harness.azure.occupyCluster('Upgrading');
      if (harness.clock.slept > 100_000) harness.azure.cluster.provisioningState = 'Succeeded';
    };
    const ran = await harness.run('apply', [pool('gpua')]);
    expect(ran.exitCode).toBe(0);
    expect(harness.azure.requests.some(({ status }) => status === 409)).toBe(true);
  });

  test.each([
    ['may not be read', 403, 'AuthorizationFailed'],
    ['is not known', 404, 'NotFound'],
  ])('an operation that %s is followed by the pool itself', async (_what, status, code) => {
    harness.azure.interfere = ({ path }) =>
      path.includes('/operations/')
        ? { status, body: { error: { code, message: 'locations/operations/read' } } }
        : undefined;
    const ran = await harness.run('apply', [pool('gpua')]);
    expect(ran).toMatchObject({ exitCode: 0 });
    expect(harness.azure.writes).toEqual(['PUT gpua']);
    expect(ran.events.find(({ event }) => event === 'poll-unseen')?.message).toContain(
      'locations/operations/read',
    );
    expect(ran.termination).toContain('gpua: created');
  });

  test('an operation that may not be read and fails still leads to the next machine type', async () => {
    harness.azure.interfere = ({ path }) =>
      path.includes('/operations/')
        ? { status: 403, body: { error: { code: 'AuthorizationFailed', message: 'no' } } }
        : undefined;
    const error = { code: 'AllocationFailed', message: 'We do not have sufficient capacity' };
    harness.azure.failAlways(FIRST, { at: 'operation', error, provisioningError: error });
    const ran = await harness.run('apply', [pool('gpua', [FIRST, SECOND])]);
    expect(ran).toMatchObject({ exitCode: 0 });
    expect(harness.azure.pools.get('gpua')?.properties).toMatchObject({ vmSize: SECOND });
  });

  test('an operation that a later one overrode is begun again', async () => {
    harness.azure.fail(FIRST, {
      at: 'operation',
      state: 'Canceled',
      error: { code: 'Canceled', message: 'The operation was overriden and canceled by a later operation' },
    });
    expect(await harness.run('apply', [pool('gpua')])).toMatchObject({ exitCode: 0 });
  });

  test.each<[string, ErrorTree]>([
    ['transient', { code: 'InternalOperationError', message: 'Internal server error' }],
    ['wrapper', { code: 'VMExtensionProvisioningError', message: 'vmssCSE failed with 50' }],
  ])('a creation that fails once by a %s error is written once more', async (_class, error) => {
    harness.azure.fail(FIRST, { at: 'operation', error });
    const ran = await harness.run('apply', [pool('gpua')]);
    expect(ran.exitCode).toBe(0);
    expect(harness.azure.writes).toEqual(['PUT gpua', 'PUT gpua']);
    expect(harness.azure.requests.some(({ method }) => method === 'DELETE')).toBe(false);
  });

  test('a network card that is still reserved is waited for, once', async () => {
    const nic = {
      at: 'request',
      status: 400,
      error: { code: 'NicReservedForAnotherVm', message: 'reserved for 180 seconds' },
    } as const;
    harness.azure.fail(FIRST, nic);
    expect(await harness.run('apply', [pool('gpua')])).toMatchObject({ exitCode: 0 });
    expect(harness.clock.slept).toBeGreaterThan(180_000);
    harness.azure.failAlways(SECOND, nic);
    expect(await harness.run('apply', [pool('gpub', [SECOND])])).toMatchObject({ exitCode: 2 });
  });

  test('a pool that someone else changes in between is read and changed anew', async () => {
    harness.azure.addPool('gpua', { vmSize: FIRST, count: 1, tags: OUR_TAGS });
    let meddled = 0;
    harness.azure.interfere = ({ method }) => {
      const record = harness.azure.pools.get('gpua');
      if (method === 'PUT' && record && meddled++ < 2) record.tag += 1000;
      return undefined;
    };
    expect(await harness.run('apply', [pool('gpua')])).toMatchObject({ exitCode: 0 });
    expect(harness.azure.requests.filter(({ status }) => status === 412)).toHaveLength(2);
  });

  test('a pool that someone else changes all the time is given up after three more tries', async () => {
    harness.azure.addPool('gpua', { vmSize: FIRST, count: 1, tags: OUR_TAGS });
    harness.azure.interfere = ({ method }) => {
      const record = harness.azure.pools.get('gpua');
      if (method === 'PUT' && record) record.tag += 1000;
      return undefined;
    };
    expect(await harness.run('apply', [pool('gpua')])).toMatchObject({ exitCode: 1 });
    expect(harness.azure.requests.filter(({ status }) => status === 412)).toHaveLength(4);
  });

  test('a federated credential that is not known everywhere yet is waited for, up to two minutes', async () => {
    const error = {
      error: 'invalid_request',
      error_description: 'AADSTS70021: No matching federated identity record found',
    };
    harness.azure.tokenErrors.push(error, error);
    expect(await harness.run('apply', [pool('gpua')])).toMatchObject({ exitCode: 0 });
    for (let index = 0; index < 100; index++) harness.azure.tokenErrors.push(error);
    const before = harness.clock.slept;
    const ran = await harness.run('apply', [pool('gpua')]);
    expect(ran.exitCode).toBe(7);
    expect(ran.termination).toContain('AADSTS70021');
    expect(harness.clock.slept - before).toBeGreaterThan(100_000);
    expect(harness.clock.slept - before).toBeLessThan(240_000);
  });
});

describe('what does not pass', () => {
  test.each<[string, number, ErrorTree, number]>([
    [
      'a request that Azure calls illegal',
      400,
      { code: 'InvalidParameter', message: 'agentPool.count is invalid' },
      2,
    ],
    [
      'a code with words that nobody knows',
      409,
      { code: 'OperationNotAllowed', message: 'words of tomorrow' },
      2,
    ],
    ['a subnet that is too small', 400, { code: 'InsufficientSubnetSize', message: 'subnet is full' }, 2],
    [
      'a missing role',
      403,
      { code: 'AuthorizationFailed', message: 'no authorization to perform action agentPools/write' },
      7,
    ],
  ])('%s ends with its code at the first try', async (_what, status, error, exitCode) => {
    harness.azure.failAlways(FIRST, { at: 'request', status, error });
    const ran = await harness.run('apply', [pool('gpua', [FIRST, SECOND])]);
    expect(ran.exitCode).toBe(exitCode);
    expect(ran.termination).toContain(error.message);
    expect(harness.azure.writes).toEqual(['PUT gpua']);
  });

  test('a wrapper without an inner reason is written twice, then given up and not left behind', async () => {
    harness.azure.failAlways(FIRST, {
      at: 'operation',
      error: { code: 'ReconcileVMSSAgentPoolFailed', message: 'an internal error occurred' },
    });
    const ran = await harness.run('apply', [pool('gpua', [FIRST, SECOND])]);
    expect(ran.exitCode).toBe(1);
    expect(harness.azure.writes).toEqual(['PUT gpua', 'PUT gpua', 'DELETE gpua']);
    expect(harness.azure.pools.size).toBe(0);
  });

  test('a server that answers 500 is asked six times', async () => {
    harness.azure.failAlways(FIRST, {
      at: 'request',
      status: 500,
      error: { code: 'InternalServerError', message: 'oops' },
    });
    expect(await harness.run('apply', [pool('gpua')])).toMatchObject({ exitCode: 1 });
    expect(harness.azure.writes).toHaveLength(6);
  });

  test('after a missing role the other pools are not tried', async () => {
    harness.azure.failAlways(FIRST, {
      at: 'request',
      status: 403,
      error: { code: 'AuthorizationFailed', message: 'no' },
    });
    const ran = await harness.run('apply', [pool('gpua'), pool('gpub')]);
    expect(ran.exitCode).toBe(7);
    expect(harness.azure.writes).toEqual(['PUT gpua']);
    expect(ran.termination).toContain('gpub: skipped');
  });

  test('an operation that does not end within its limit ends with code 8, and a later run goes on waiting', async () => {
    harness.azure.operationMs = 4_000_000;
    const slow = pool('gpua', [FIRST], { waitFor: { armTimeoutSeconds: 600 } });
    expect(await harness.run('apply', [slow])).toMatchObject({ exitCode: 8 });
    expect(
      await harness.run(
        'apply',
        [pool('gpua', [FIRST], { waitFor: { armTimeoutSeconds: 4000 } })],
        ['--timeout', '5000'],
      ),
    ).toMatchObject({ exitCode: 0 });
    expect(harness.azure.writes).toEqual(['PUT gpua']);
  });
});

describe('throttling', () => {
  const throttled = (headers?: Record<string, string>): Failure => ({
    at: 'request',
    status: 429,
    error: { code: 'Throttled', message: 'slow down' },
    ...(headers ? { headers } : {}),
  });

  test('with Retry-After waits that long', async () => {
    harness.azure.fail(FIRST, throttled({ 'retry-after': '137' }));
    expect(await harness.run('apply', [pool('gpua')], ['--wait', 'arm'])).toMatchObject({ exitCode: 0 });
    expect(harness.clock.slept).toBeGreaterThanOrEqual(137_000 + 90_000);
    expect(harness.azure.writes).toHaveLength(2);
  });

  test('without Retry-After waits a minute, in which the bucket of writes gets a token', async () => {
    harness.azure.fail(FIRST, throttled());
    expect(await harness.run('apply', [pool('gpua')], ['--wait', 'arm'])).toMatchObject({ exitCode: 0 });
    expect(harness.clock.slept).toBeGreaterThanOrEqual(60_000 + 90_000);
  });

  test.each(['GET', 'poll'])('of a %s is waited out', async (what) => {
    let left = 3;
    harness.azure.interfere = ({ path, method }) =>
      method === 'GET' && path.includes(what === 'poll' ? '/operations/' : '/agentPools/gpua') && left-- > 0
        ? { status: 429, body: { error: { code: 'TooManyRequests', message: 'slow down' } } }
        : undefined;
    expect(await harness.run('apply', [pool('gpua')])).toMatchObject({ exitCode: 0 });
    expect(left).toBeLessThan(0);
    expect(harness.azure.writes).toEqual(['PUT gpua']);
  });

  test('that Azure asks for between polls is heeded', async () => {
    harness.azure.interfere = ({ path }) =>
      path.includes('/operations/') && harness.azure.requests.length < 8
        ? { status: 200, body: { status: 'InProgress' }, headers: { 'retry-after': '100' } }
        : undefined;
    expect(await harness.run('apply', [pool('gpua')], ['--wait', 'arm'])).toMatchObject({ exitCode: 0 });
    expect(harness.clock.slept).toBeGreaterThanOrEqual(100_000);
    expect(harness.azure.requests.filter(({ path }) => path.includes('/operations/')).length).toBeLessThan(5);
  });
});
