import { Harness, pool } from './fake/harness';

const FIRST = 'Standard_NC24ads_A100_v4';
const SECOND = 'Standard_NC40ads_H100_v5';
const pools = [pool('gpua', [FIRST, SECOND]), pool('gpub', [SECOND])];

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.start();
  harness.azure.fail(FIRST, { at: 'operation', error: { code: 'AllocationFailed', message: 'none left' } });
});
afterEach(async () => {
  await harness.stop();
});

/** Requests of a run that meets no trouble but the first machine type's. */
async function requestsOfOneRun(): Promise<number> {
  const smooth = await Harness.start();
  smooth.azure.fail(FIRST, { at: 'operation', error: { code: 'AllocationFailed', message: 'none left' } });
  await smooth.run('apply', pools);
  const count = smooth.azure.requests.length;
  await smooth.stop();
  return count;
}

describe.each(['drop-before', 'drop-after'] as const)('a connection that breaks (%s)', (how) => {
  test('at any request does not keep the run from its end, and makes nothing twice', async () => {
    const count = await requestsOfOneRun();
    expect(count).toBeGreaterThan(20);
    for (let broken = 0; broken < count; broken++) {
      await harness.stop();
      harness = await Harness.start();
      harness.azure.fail(FIRST, {
        at: 'operation',
        error: { code: 'AllocationFailed', message: 'none left' },
      });
      harness.azure.interfere = (_request, index) => (index === broken ? how : undefined);
      const ran = await harness.run('apply', pools);
      const state = [...harness.azure.pools].map(([name, { properties, provisioningState }]) => [
        name,
        properties['vmSize'],
        provisioningState,
      ]);
      expect({ broken, exitCode: ran.exitCode, state }).toEqual({
        broken,
        exitCode: 0,
        // Where the answer to the first PUT is lost, the pool is found Failed, written once more, and that succeeds.
        state: [
          ['gpua', expect.stringMatching(new RegExp(`${FIRST}|${SECOND}`)), 'Succeeded'],
          ['gpub', SECOND, 'Succeeded'],
        ],
      });
    }
  });
});

test('a request that is never answered is given up and repeated', async () => {
  const timeout = jest.spyOn(AbortSignal, 'timeout').mockImplementation((milliseconds) => {
    expect(milliseconds).toBe(20_000);
    const controller = new AbortController();
    setTimeout(() => {
      controller.abort();
    }, 300);
    return controller.signal;
  });
  harness.azure.interfere = (_request, index) => (index === 5 ? 'hang' : undefined);
  const ran = await harness.run('apply', pools);
  timeout.mockRestore();
  expect(ran.exitCode).toBe(0);
  expect(ran.stdout).toMatch(/AbortError|ABORT|abort/);
});

test('killed after any request to Kubernetes, the next run takes the lease over and comes to the same end', async () => {
  let killed = true;
  let last = 0;
  for (; killed; last++) {
    await harness.stop();
    harness = await Harness.start();
    harness.azure.fail(FIRST, { at: 'operation', error: { code: 'AllocationFailed', message: 'none left' } });
    const dead = new Promise<'dead'>((resolve) => {
      harness.kubernetes.onHandled = (index) => {
        if (index !== last) return undefined;
        resolve('dead');
        // Nothing of the run happens after this, as after SIGKILL.
        return new Promise(() => undefined);
      };
    });
    const ended = await Promise.race([dead, harness.run('apply', pools, [], { podName: 'pod-a' })]);
    killed = ended === 'dead';
    if (killed) harness.clock.forgetProgram();
    harness.kubernetes.onHandled = () => undefined;
    const next = await harness.run('apply', pools, [], { podName: 'pod-b' });
    expect({
      last,
      exitCode: next.exitCode,
      pools: [...harness.azure.pools].map(([name, { provisioningState }]) => [name, provisioningState]),
      holder: [...harness.kubernetes.leases.values()].map(({ holder }) => holder),
    }).toEqual({
      last,
      exitCode: 0,
      pools: [
        ['gpua', 'Succeeded'],
        ['gpub', 'Succeeded'],
      ],
      holder: [''],
    });
  }
  expect(last).toBeGreaterThan(15);
});

describe('two runs at once', () => {
  test('keep apart by the lease: the second finds everything done', async () => {
    const [first, second] = await Promise.all([
      harness.run('apply', pools, [], { podName: 'pod-a' }),
      harness.run('apply', pools, [], { podName: 'pod-b' }),
    ]);
    expect([first.exitCode, second.exitCode]).toEqual([0, 0]);
    expect(harness.azure.writes).toEqual(['PUT gpua', 'DELETE gpua', 'PUT gpua', 'PUT gpub']);
    expect([...first.events, ...second.events].some(({ event }) => event === 'lease-wait')).toBe(true);
  });

  test('without a lease keep apart by eTags: nothing is made twice and both end well', async () => {
    harness.azure.failures.clear();
    const runs = await Promise.all(
      ['pod-a', 'pod-b'].map((podName) => harness.run('apply', pools, ['--no-lease'], { podName })),
    );
    expect(runs.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    expect(harness.azure.bodies('gpua')).toHaveLength(1);
    expect(harness.azure.bodies('gpub')).toHaveLength(1);
  });
});

describe('the lease', () => {
  const NAME = 'slipway-system/slipway-provisioner-prod';

  test('of a run that was killed is taken over after it has not been renewed for a minute', async () => {
    harness.kubernetes.leases.set(NAME, { holder: 'dead', resourceVersion: '7', transitions: 0 });
    const before = harness.clock.now();
    const ran = await harness.run('apply', [pool('gpub', [SECOND])]);
    expect(ran.exitCode).toBe(0);
    const put = harness.azure.requests.findIndex(({ method }) => method === 'PUT');
    expect(put).toBeGreaterThan(0);
    expect(harness.clock.now() - before).toBeGreaterThan(60_000);
  });

  test('that is renewed all the time ends the run with code 6', async () => {
    let version = 0;
    const read = harness.kubernetes.readLease.bind(harness.kubernetes);
    harness.kubernetes.readLease = (namespace, name) => {
      harness.kubernetes.leases.set(NAME, {
        holder: 'alive',
        resourceVersion: `v${++version}`,
        transitions: 0,
      });
      return read(namespace, name);
    };
    const ran = await harness.run('apply', pools, ['--timeout', '300']);
    expect(ran.exitCode).toBe(6);
    expect(ran.termination).toContain('another run (alive) still holds the lease');
    expect(harness.azure.writes).toEqual([]);
  });

  test('that someone else takes in the middle stops the run before its next write', async () => {
    harness.kubernetes.beforeLeaseWrite = () => {
      if (harness.azure.writes.length > 0) {
        harness.kubernetes.leases.set(NAME, { holder: 'thief', resourceVersion: 'stolen', transitions: 9 });
      }
    };
    const ran = await harness.run('apply', pools);
    expect(ran.exitCode).toBe(6);
    expect(harness.azure.writes).toEqual(['PUT gpua']);
    expect(harness.kubernetes.leases.get(NAME)?.holder).toBe('thief');
  });

  test('whose renewal arrived though its answer was lost is still ours', async () => {
    const replace = harness.kubernetes.replaceLease.bind(harness.kubernetes);
    let lost = 0;
    harness.kubernetes.replaceLease = async (namespace, name, holding, current) => {
      const state = await replace(namespace, name, holding, current);
      if (harness.azure.writes.length > 0 && lost++ < 1) throw new Error('socket hang up');
      return state;
    };
    expect(await harness.run('apply', pools)).toMatchObject({ exitCode: 0 });
    expect(lost).toBeGreaterThan(1);
  });
});
