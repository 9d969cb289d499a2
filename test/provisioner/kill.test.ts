import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FakeApiServer, wireNode } from './fake/api-server';
import { bundle } from './fake/bundle';
import { documentOf, Harness, pool } from './fake/harness';

const FIRST = 'Standard_NC24ads_A100_v4';
const SECOND = 'Standard_NC40ads_H100_v5';
const pools = [pool('gpua', [FIRST, SECOND]), pool('gpub', [SECOND])];
const program = bundle(require.resolve('./fake/child'), ['@kubernetes/client-node']);

/** Azure and Kubernetes in this process; the program runs in children. */
class Stage {
  readonly api = new FakeApiServer();

  private constructor(readonly harness: Harness) {}

  static async start(): Promise<Stage> {
    const stage = new Stage(await Harness.start());
    const { azure, certificate, folder } = stage.harness;
    writeFileSync(join(folder, 'ca.crt'), certificate.cert);
    writeFileSync(join(folder, 'pools.json'), JSON.stringify(documentOf(pools)));
    writeFileSync(join(folder, 'kubeconfig'), stage.api.kubeconfig(await stage.api.listen()));
    stage.api.nodes = [];
    azure.fail(FIRST, { at: 'operation', error: { code: 'AllocationFailed', message: 'none left' } });
    azure.operationMs = 60_000;
    azure.msPerRequest = 30_000;
    return stage;
  }

  async stop(): Promise<void> {
    await this.api.close();
    await this.harness.stop();
  }

  /** Starts the program; without `kubernetes` it sees no node and takes no lease. */
  start(kubernetes: boolean): ChildProcess {
    const { folder, azure } = this.harness;
    return spawn(
      process.execPath,
      [
        program,
        'apply',
        ...['--pools', join(folder, 'pools.json'), '--ca-file', join(folder, 'ca.crt')],
        ...['--arm-endpoint', azure.endpoint, '--no-instance-discovery', '--log', 'json'],
        ...['--termination-log', join(folder, 'termination')],
        ...(kubernetes ? [] : ['--no-lease', '--wait', 'arm']),
      ],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: {
          ...this.harness.environment,
          POD_NAME: 'pod-1',
          PATH: process.env['PATH'],
          ...(kubernetes ? { KUBECONFIG: join(folder, 'kubeconfig') } : {}),
        },
      },
    );
  }

  /** Nodes are there when their pool is; none before, or a Failed pool would not be deleted. */
  showNodes(): void {
    this.harness.azure.onHandled = () => {
      this.api.nodes = [...this.harness.azure.pools]
        .filter(([, { provisioningState }]) => provisioningState === 'Succeeded')
        .map(([name]) => wireNode(`aks-${name}-0`, name, 1));
    };
  }

  get state(): unknown {
    return [...this.harness.azure.pools].map(([name, { provisioningState, properties }]) => [
      name,
      provisioningState,
      (properties['tags'] as Record<string, string>)['slipway-owner'],
    ]);
  }
}

const DONE = [
  ['gpua', 'Succeeded', 'fleet/prod'],
  ['gpub', 'Succeeded', 'fleet/prod'],
];

test('killed with SIGKILL between any two requests, the next run comes to the same end', async () => {
  let last = 0;
  for (let signal: string | null = 'SIGKILL'; signal === 'SIGKILL'; last++) {
    const stage = await Stage.start();
    let child: ChildProcess | undefined;
    stage.harness.azure.onHandled = async (_request, index) => {
      if (index !== last || !child) return;
      // The request has had its effect; its answer is never seen.
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    };
    child = stage.start(false);
    child.stdout?.resume();
    signal = ((await once(child, 'exit')) as [number | null, string | null])[1];
    child = undefined;
    // When the run made fewer requests than that, it came to its own end, and so did the loop.
    const resumed = await stage.harness.run('apply', pools, ['--wait', 'arm']);
    expect({ last, exitCode: resumed.exitCode, state: stage.state }).toEqual({
      last,
      exitCode: 0,
      state: DONE,
    });
    await stage.stop();
  }
  expect(last).toBeGreaterThan(20);
});

test('with Azure and Kubernetes there, the program ends by itself and leaves its summary', async () => {
  const stage = await Stage.start();
  stage.showNodes();
  const child = stage.start(true);
  child.stdout?.resume();
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(stage.state).toEqual(DONE);
  expect(stage.api.leases.get('slipway-system/slipway-provisioner-prod')?.spec['holderIdentity']).toBe('');
  expect(stage.api.events).toMatchObject([{ reason: 'Provisioned', involvedObject: { name: 'pod-1' } }]);
  expect(readFileSync(join(stage.harness.folder, 'termination'), 'utf8')).toMatch(/^exit 0: 2 of 2 pools/);
  await stage.stop();
});

test('SIGTERM ends the program at once with 143 and frees the lease', async () => {
  const stage = await Stage.start();
  stage.harness.azure.interfere = ({ path }) =>
    path.includes('/operations/') ? { status: 200, body: { status: 'InProgress' } } : undefined;
  const child = stage.start(true);
  child.stdout?.resume();
  while (!stage.harness.azure.requests.some(({ path }) => path.includes('/operations/'))) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const asked = Date.now();
  child.kill('SIGTERM');
  const [exitCode] = (await once(child, 'exit')) as [number | null];
  expect(exitCode).toBe(143);
  expect(Date.now() - asked).toBeLessThan(5000);
  expect(stage.api.leases.get('slipway-system/slipway-provisioner-prod')?.spec['holderIdentity']).toBe('');
  await stage.stop();
});
