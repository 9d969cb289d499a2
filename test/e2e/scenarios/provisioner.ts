import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Job } from 'kubernetes-types/batch/v1';
import { Cluster as ClusterConstruct, Workspace } from '../../../src';
import { POOL_LABEL } from '../bench/azure/agent-pool-nodes';
import { SPEED } from '../bench/azure/fast-clock';
import type { LivePod } from '../bench/azure/stage';
import { conditionOf, refOf, type Manifest, type ObjectRef } from '../bench/cluster/manifest';
import { eventually } from '../bench/process/eventually';
import { objectsOf } from '../bench/tree/fleet';
import { generateInto } from '../bench/tree/generate';
import { basics } from './basics';
import { deliver, renderedNow, type Scenario } from './scenario';

/** Name of the cluster that this scenario renders. */
export const POOLS_CLUSTER = 'pools';

const NAMESPACE = 'slipway-system';
const NAME = 'slipway-provisioner';
const ACCOUNT = `system:serviceaccount:${NAMESPACE}:${NAME}`;
const LEASE: ObjectRef = {
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  name: `${NAME}-${POOLS_CLUSTER}`,
  namespace: NAMESPACE,
};
const FIRST = 'Standard_NC24ads_A100_v4';
const SECOND = 'Standard_NC40ads_H100_v5';
const NO_CAPACITY = { code: 'AllocationFailed', message: 'We do not have sufficient capacity' };
/** Longest that a run may take on a busy machine. */
const RUN_SECONDS = 120;
/** An operation that is still going on when its run is killed, and until another has taken the lease over. */
const LONG_OPERATION_MILLISECONDS = (60_000 / SPEED) * 1.5;

/** Agent pools made by the shipped Job with the rights that ship with it, in a cluster that Flux applies. */
export async function provisioner(scenario: Scenario): Promise<void> {
  const { bench, repository } = scenario;
  bench.azure.prepare = (fake) => {
    fake.fail(FIRST, { at: 'operation', error: NO_CAPACITY });
  };
  render(scenario, 1);
  await repository.commit('Render a Workspace on agent pools');
  if (await basics(scenario)) await story(scenario);
}

/** What happens to pools that the Job has made. */
export async function story(scenario: Scenario): Promise<void> {
  const { bench, runner } = scenario;
  const { cluster, azure } = bench;

  await runner.check(
    'the first machine type had no capacity: the pool stands on the second, and its nodes are labelled',
    async () => {
      deepEqual(poolsNow(scenario), [{ vmSize: SECOND, count: 1, state: 'Succeeded' }]);
      const [node] = await cluster.list('v1', 'Node', { labelSelector: POOL_LABEL });
      equal(node?.metadata.labels?.['slipway.dev/node-group'], 'team-a--chat');
    },
  );
  await runner.check(
    'the pod says how it ended: termination message, Event, progress as NDJSON',
    async () => {
      const [pod] = await podsNow(scenario);
      ok(pod, 'a pod of the Job');
      const message = pod.status?.containerStatuses?.[0]?.state?.terminated?.message ?? '';
      match(
        message,
        /^exit 0: 1 of 1 pools as described\nws[0-9a-f]{9}: created: 1 nodes Ready with 1 nvidia\.com\/gpu$/,
      );
      const events = await cluster.list<Manifest & { readonly reason: string; readonly message: string }>(
        'v1',
        'Event',
        {
          namespace: NAMESPACE,
        },
      );
      equal(events.find(({ reason }) => reason === 'Provisioned')?.message, message);
      const lines = readFileSync(join(azure.folderOf(pod), 'log'), 'utf8')
        .trim()
        .split('\n');
      const told = lines.map((line) => (JSON.parse(line) as { event: string }).event);
      for (const event of [
        'pool-create',
        'pool-fault',
        'pool-delete',
        'pool-created',
        'node-wait',
        'pool-ready',
      ]) {
        ok(told.includes(event), `${event} among ${told.join(', ')}`);
      }
    },
  );
  await runner.check('its lease is free again', async () => {
    equal(await holderOf(scenario), '');
  });
  await runner.check('its service account can do what it does and nothing else', () =>
    rightsAreMinimal(scenario),
  );
  await runner.check(
    'a change of the document is a new Job, which finds the pool and adds a node',
    async () => {
      render(scenario, 2);
      const revision = await deliver(scenario, 'Ask for a second node');
      await scenario.delivery.settled(renderedNow(scenario), revision);
      deepEqual(poolsNow(scenario), [{ vmSize: SECOND, count: 2, state: 'Succeeded' }]);
    },
  );
  await runner.check(
    'killed while it holds the lease, the next run takes it over after a minute and comes to the end',
    () => killedRunIsResumed(scenario),
  );
  await runner.check(
    'nodes without a device plugin are told from nodes that are not there, with code 8',
    () => missingDevicePluginIsTold(scenario),
  );
  await runner.check('without its ClusterRole it ends with code 7 and names the right', () =>
    missingRightIsTold(scenario),
  );
  await runner.check(
    'the Job does not repeat what is hopeless: no machine anywhere ends it with one pod',
    () => hopelessIsNotRepeated(scenario),
  );
}

export function render({ repository }: Scenario, replicas: number): void {
  generateInto(repository, (fleet) => {
    const cluster = new ClusterConstruct(fleet, POOLS_CLUSTER, {
      gitOps: 'flux',
      nodeProvisioning: {
        kind: 'aksAgentPools',
        subscriptionId: '00000000-0000-0000-0000-00000000000a',
        resourceGroup: 'ml',
        clusterName: POOLS_CLUSTER,
        clientId: '00000000-0000-0000-0000-00000000000b',
        tenantId: '00000000-0000-0000-0000-00000000000c',
      },
    });
    new Workspace(cluster, 'chat', {
      namespace: 'team-a',
      resource: { instanceType: [FIRST, SECOND] },
      inference: { preset: { name: 'phi-4-mini-instruct' }, contextLength: 8192, replicas },
    });
  });
}

function poolsNow({ bench }: Scenario): unknown[] {
  return [...bench.azure.azure.pools.values()].map(({ properties, provisioningState }) => ({
    vmSize: properties['vmSize'],
    count: properties['count'],
    state: provisioningState,
  }));
}

async function podsNow({ bench }: Scenario): Promise<readonly LivePod[]> {
  return bench.cluster.list<LivePod>('v1', 'Pod', {
    namespace: NAMESPACE,
    labelSelector: `app.kubernetes.io/name=${NAME}`,
  });
}

async function holderOf({ bench }: Scenario): Promise<string> {
  const { spec } = await bench.cluster.get<
    Manifest & { readonly spec: { readonly holderIdentity?: string } }
  >(LEASE);
  return spec.holderIdentity ?? '';
}

async function rightsAreMinimal({ bench }: Scenario): Promise<void> {
  const allowed: [string, string, string[]][] = [
    ['list', 'nodes', []],
    ['get', 'leases.coordination.k8s.io', [NAMESPACE, LEASE.name]],
    ['update', 'leases.coordination.k8s.io', [NAMESPACE, LEASE.name]],
    ['create', 'leases.coordination.k8s.io', [NAMESPACE]],
    ['create', 'events', [NAMESPACE]],
  ];
  const denied: [string, string, string[]][] = [
    ...['get', 'watch', 'update', 'patch', 'delete', 'create'].map((verb): [string, string, string[]] => [
      verb,
      'nodes',
      [],
    ]),
    ...['list', 'watch', 'patch', 'delete'].map((verb): [string, string, string[]] => [
      verb,
      'leases.coordination.k8s.io',
      [NAMESPACE, LEASE.name],
    ]),
    ['update', 'leases.coordination.k8s.io', [NAMESPACE, 'another']],
    ['create', 'leases.coordination.k8s.io', ['default']],
    ['create', 'events', ['default']],
    ['list', 'events', [NAMESPACE]],
    ...['secrets', 'configmaps', 'pods', 'serviceaccounts'].flatMap(
      (resource): [string, string, string[]][] => [
        ['get', resource, [NAMESPACE]],
        ['list', resource, [NAMESPACE]],
        ['create', resource, [NAMESPACE]],
      ],
    ),
    ['create', 'jobs.batch', [NAMESPACE]],
    ['list', 'namespaces', []],
  ];
  const answers = async (asked: typeof allowed): Promise<string[]> => {
    const reviews = asked.map(([verb, resource, where]) =>
      JSON.stringify(accessReview(verb, resource, where)),
    );
    const { stdout } = await bench.cluster.kubectl(
      ['create', '--filename=-', '--output=jsonpath={.status.allowed}{"\\n"}'],
      reviews.join('\n---\n'),
    );
    const may = stdout.trim().split('\n');
    return asked.map(([verb, resource], index) => `${verb} ${resource}: ${may[index] ?? 'no answer'}`);
  };
  deepEqual(
    await answers(allowed),
    allowed.map(([verb, resource]) => `${verb} ${resource}: true`),
  );
  deepEqual(
    await answers(denied),
    denied.map(([verb, resource]) => `${verb} ${resource}: false`),
  );
}

function accessReview(verb: string, resource: string, [namespace, name]: readonly string[]): unknown {
  const [kind, ...group] = resource.split('.');
  return {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: {
      user: ACCOUNT,
      groups: ['system:serviceaccounts', `system:serviceaccounts:${NAMESPACE}`, 'system:authenticated'],
      resourceAttributes: { verb, resource: kind, group: group.join('.'), namespace, name },
    },
  };
}

async function killedRunIsResumed(scenario: Scenario): Promise<void> {
  const { azure } = scenario.bench;
  const pod = await anotherPod(scenario, 'killed');
  const [name = ''] = azure.azure.pools.keys();
  azure.azure.pools.delete(name);
  azure.azure.operationMs = LONG_OPERATION_MILLISECONDS;
  const { child } = await azure.start(pod);
  await eventually('the pool is being made', RUN_SECONDS, () => {
    equal(azure.azure.pools.get(name)?.provisioningState, 'Creating');
  });
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
  equal(await holderOf(scenario), pod.metadata.name, 'the holder of the lease');
  azure.azure.operationMs = 2000;
  const next = await anotherPod(scenario, 'next');
  const before = azure.azure.writes.length;
  const { ended } = await azure.start(next);
  const { exitCode, message } = await within(RUN_SECONDS, ended);
  deepEqual({ exitCode, writes: azure.azure.writes.slice(before) }, { exitCode: 0, writes: [] }, message);
  const log = readFileSync(join(azure.folderOf(next), 'log'), 'utf8');
  match(log, new RegExp(`waiting for another run: ${pod.metadata.name}`));
  equal(await holderOf(scenario), '');
}

async function missingDevicePluginIsTold(scenario: Scenario): Promise<void> {
  const { azure, cluster } = scenario.bench;
  const [name = ''] = azure.azure.pools.keys();
  azure.withoutDevicePlugin.add(name);
  await eventually('the nodes have no GPUs', RUN_SECONDS, async () => {
    const nodes = await cluster.list<Manifest & { status: { allocatable: Record<string, string> } }>(
      'v1',
      'Node',
      {
        labelSelector: `${POOL_LABEL}=${name}`,
      },
    );
    deepEqual(
      nodes.map(({ status }) => status.allocatable['nvidia.com/gpu']),
      ['0', '0'],
    );
  });
  const pod = await anotherPod(scenario, 'no-plugin');
  const { ended } = await azure.start(pod, ['--timeout', '90']);
  const { exitCode, message } = await within(RUN_SECONDS, ended);
  azure.withoutDevicePlugin.delete(name);
  equal(exitCode, 8, message);
  match(message, /nodes Ready, nvidia\.com\/gpu missing: aks-\w+-0 offers 0 of 1/);
  match(message, /is the NVIDIA device plugin running on the nodes/);
}

async function missingRightIsTold(scenario: Scenario): Promise<void> {
  const { azure, cluster } = scenario.bench;
  const binding = objectsOf(renderedNow(scenario)).find(({ kind }) => kind === 'ClusterRoleBinding');
  ok(binding, 'the ClusterRoleBinding');
  await cluster.delete(refOf(binding));
  const { ended } = await azure.start(await anotherPod(scenario, 'no-right'));
  const { exitCode, message } = await within(RUN_SECONDS, ended);
  await cluster.apply([binding]);
  equal(exitCode, 7, message);
  match(message, /cannot list nodes: HTTP 403 .*nodes is forbidden/);
  match(message, /check the ClusterRole and Role of the service account/);
}

async function hopelessIsNotRepeated(scenario: Scenario): Promise<void> {
  const { azure, cluster } = scenario.bench;
  azure.azure.pools.clear();
  for (const vmSize of [FIRST, SECOND]) {
    azure.azure.failAlways(vmSize, { at: 'request', status: 409, error: NO_CAPACITY });
  }
  const [job] = await jobsNow(scenario);
  ok(job, 'the Job');
  const { name } = job.metadata;
  const again = copyOf(job, `${name}-again`);
  await cluster.apply([again]);
  const failed = await eventually('the Job has failed', RUN_SECONDS, async () => {
    const live = await cluster.get<Manifest & Job>(refOf(again));
    equal(conditionOf(live, 'Failed')?.status, 'True', JSON.stringify(live.status));
    return live;
  });
  equal(conditionOf(failed, 'Failed')?.reason, 'PodFailurePolicy');
  const pods = (await podsNow(scenario)).filter(({ metadata }) =>
    metadata.name.startsWith(again.metadata.name),
  );
  equal(pods.length, 1, 'pods of the Job');
  const message = pods[0]?.status?.containerStatuses?.[0]?.state?.terminated?.message ?? '';
  match(message, new RegExp(`^exit 5: .*${FIRST}: AllocationFailed: .*${SECOND}: AllocationFailed`, 's'));
  equal(azure.azure.pools.size, 0, 'pools that are left behind');
}

/** The Jobs of the provisioner, the newest first. */
async function jobsNow({ bench }: Scenario): Promise<readonly (Manifest & Job)[]> {
  const jobs = await bench.cluster.list<Manifest & Job>('batch/v1', 'Job', {
    namespace: NAMESPACE,
    labelSelector: `app.kubernetes.io/name=${NAME}`,
  });
  const madeAt = ({ metadata }: Manifest) => new Date(metadata.creationTimestamp ?? 0).getTime();
  return jobs
    .toSorted((left, right) => madeAt(right) - madeAt(left))
    .map((job) => ({ ...job, apiVersion: 'batch/v1', kind: 'Job' }));
}

/** A Job with the spec of `job`, as a person would make one to run it again. */
function copyOf({ metadata, spec }: Manifest & Job, name: string): Manifest {
  const { backoffLimit, activeDeadlineSeconds, podFailurePolicy, template } = spec ?? {};
  const labels = Object.fromEntries(
    Object.entries(template?.metadata?.labels ?? {}).filter(
      ([key]) => !/^(batch\.kubernetes\.io\/)?(controller-uid|job-name)$/.test(key),
    ),
  );
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace: metadata.namespace ?? '', labels: metadata.labels ?? {} },
    spec: {
      backoffLimit,
      activeDeadlineSeconds,
      podFailurePolicy,
      template: { ...template, metadata: { ...template?.metadata, labels } },
    },
  };
}

/** A pod like the Job's, for runs whose process this scenario starts itself: kwok keeps it Running. */
async function anotherPod(scenario: Scenario, suffix: string): Promise<LivePod> {
  const { cluster } = scenario.bench;
  const [job] = await jobsNow(scenario);
  ok(job?.spec, 'the Job');
  const name = `${NAME}-${suffix}`;
  const pod: Manifest = {
    apiVersion: 'v1',
    kind: 'Pod',
    // Without the label by which the bench finds pods to run.
    metadata: { name, namespace: NAMESPACE },
    spec: job.spec.template.spec,
  };
  await cluster.apply([pod]);
  return cluster.get<LivePod>(refOf(pod));
}

async function within<T>(seconds: number, work: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const late = sleep(seconds * 1000, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`not done after ${seconds} s`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    timer.abort();
    late.catch(() => undefined);
  }
}
