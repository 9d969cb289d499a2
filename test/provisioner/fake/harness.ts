import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { connectAgentPools } from '../../../src/provisioner/arm/azure-agent-pools';
import { provisionCommand } from '../../../src/provisioner/cli';
import type { PoolsDocument, PoolSpec } from '../../../src/provisioner/pools/document';
import { connectCompute } from '../../../src/provisioner/quota/compute';
import type { ProgressEvent } from '../../../src/provisioner/report/event';
import type { ProvisionRuntime } from '../../../src/provisioner/runtime';
import { CLIENT, CLUSTER, FakeAzure, FEDERATED_TOKEN, RESOURCE_GROUP, SUBSCRIPTION, TENANT } from './azure';
import { makeCertificate } from './certificate';
import { FakeClock } from './clock';
import { FakeKubernetes } from './kubernetes';

// A run takes a tenth of a second; on a machine that is busy with other things, much longer.
jest.setTimeout(600_000);

export const OWNER = 'fleet/prod';
/** Our tags, for pools that are there before the program starts. */
export const OUR_TAGS = { 'managed-by': 'slipway-provisioner', 'slipway-owner': OWNER };

/** How one command ended. */
export interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly events: readonly ProgressEvent[];
  /** What was written to /dev/termination-log. */
  readonly termination: string | undefined;
}

/** What a test may change about one run. */
export interface RunOptions {
  readonly environment?: Record<string, string | undefined>;
  readonly withoutKubernetes?: boolean;
  readonly podName?: string;
  /** Stops the program at the first event of this name. */
  readonly terminateAt?: string;
}

/** Azure, Entra ID, Kubernetes and the program, in one process, on one fake clock. */
export class Harness {
  readonly clock = new FakeClock();
  readonly certificate = makeCertificate();
  readonly azure = new FakeAzure(this.clock, this.certificate);
  readonly kubernetes = new FakeKubernetes(this.clock, this.azure);
  readonly folder = mkdtempSync(join(tmpdir(), 'slipway-provisioner-'));

  static async start(): Promise<Harness> {
    const harness = new Harness();
    await harness.azure.listen();
    writeFileSync(join(harness.folder, 'token'), FEDERATED_TOKEN);
    return harness;
  }

  async stop(): Promise<void> {
    await this.azure.close();
    rmSync(this.folder, { recursive: true });
  }

  /** Environment of the pod, as the workload identity webhook makes it. */
  get environment(): Record<string, string> {
    return {
      AZURE_FEDERATED_TOKEN_FILE: join(this.folder, 'token'),
      AZURE_TENANT_ID: TENANT,
      AZURE_CLIENT_ID: CLIENT,
      AZURE_AUTHORITY_HOST: this.azure.endpoint,
      POD_NAMESPACE: 'slipway-system',
      POD_UID: 'c0ffee',
    };
  }

  async run(
    command: string,
    pools: readonly PoolSpec[] | string,
    args: readonly string[] = [],
    options: RunOptions = {},
  ): Promise<Ran> {
    const output = { stdout: '', stderr: '', exitCode: 0, termination: undefined as string | undefined };
    let terminate: () => void = () => undefined;
    const runtime: ProvisionRuntime = {
      environment: { ...this.environment, POD_NAME: options.podName ?? 'pod-a', ...options.environment },
      clock: this.clock,
      isTerminal: false,
      hostName: 'host',
      processId: 1,
      stdout: (text) => {
        output.stdout += text;
        if (options.terminateAt && text.includes(`"event":"${options.terminateAt}"`)) terminate();
      },
      stderr: (text) => {
        output.stderr += text;
      },
      setExitCode: (code) => {
        output.exitCode = code;
      },
      readFile: (path) =>
        Promise.resolve(
          path === 'ca.crt'
            ? this.certificate.cert
            : typeof pools === 'string'
              ? pools
              : JSON.stringify(documentOf(pools)),
        ),
      writeFile: (_path, content) => {
        output.termination = content;
        return Promise.resolve();
      },
      connectAzure: (connection) => connectAgentPools(connection, () => this.clock.now()),
      connectCompute: (connection) => connectCompute(connection, () => this.clock.now()),
      connectKubernetes: () => Promise.resolve(options.withoutKubernetes ? null : this.kubernetes),
      onTermination: (listener) => {
        terminate = listener;
        return () => undefined;
      },
    };
    const program = provisionCommand(runtime);
    quiet(program);
    const common = [
      ...['--pools', 'pools.json', '--ca-file', 'ca.crt'],
      ...['--arm-endpoint', this.azure.endpoint, '--no-instance-discovery'],
    ];
    const written = ['plan', 'status'].includes(command) ? [] : ['--termination-log', '/dev/termination-log'];
    await this.clock.during(() =>
      program.parseAsync([command, ...common, ...written, ...args], { from: 'user' }),
    );
    const progress = ['plan', 'status'].includes(command) ? '' : output.stdout;
    return {
      ...output,
      events: progress
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as ProgressEvent),
    };
  }
}

/** A pool with one node of `vmSizes`, in that order of preference. */
export function pool(
  name: string,
  vmSizes: readonly string[] = ['Standard_NC24ads_A100_v4'],
  more: Partial<PoolSpec> = {},
): PoolSpec {
  return {
    name,
    candidates: vmSizes.map((vmSize) => ({ vmSize, gpusPerNode: 1 })),
    ...(more.autoscale ? {} : { count: 1 }),
    labels: { 'slipway.dev/node-group': `ml--${name}` },
    taints: ['sku=gpu:NoSchedule'],
    ...more,
  };
}

/** The document with `pools`. */
export function documentOf(pools: readonly PoolSpec[]): PoolsDocument {
  return {
    schemaVersion: 1,
    cluster: { subscriptionId: SUBSCRIPTION, resourceGroup: RESOURCE_GROUP, name: CLUSTER },
    owner: OWNER,
    pools,
  };
}

function quiet(command: Command): void {
  command.exitOverride().configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
  for (const child of command.commands) quiet(child);
}
