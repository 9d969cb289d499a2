import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Kubernetes, LeaseHolding, PodEvent } from '../../src/provisioner/kubernetes/api';
import type { connectKubernetes } from '../../src/provisioner/kubernetes/connect';
import { FakeApiServer, wireNode } from './fake/api-server';
import { bundle, load } from './fake/bundle';

const { connectKubernetes: connect } = load(
  bundle(require.resolve('../../src/provisioner/kubernetes/connect')),
) as {
  connectKubernetes: typeof connectKubernetes;
};

const holding: LeaseHolding = {
  holder: 'pod-a',
  durationSeconds: 60,
  at: Date.parse('2026-11-23T06:00:00.123Z'),
  acquiredAt: Date.parse('2026-11-23T05:59:00Z'),
  transitions: 0,
};
const server = new FakeApiServer();
let folder: string;
let kubernetes: Kubernetes;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-kube-'));
  const file = join(folder, 'kubeconfig');
  writeFileSync(file, server.kubeconfig(await server.listen()));
  const connected = await connect({ KUBECONFIG: file });
  if (!connected) throw new Error('not connected');
  kubernetes = connected;
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});
afterEach(() => {
  server.refusal = undefined;
});

test('nodes of agent pools are listed with what they offer and why they are not Ready', async () => {
  server.nodes = [
    wireNode('aks-gpua-0', 'gpua', 1),
    {
      metadata: { name: 'aks-gpua-1', labels: { 'kubernetes.azure.com/agentpool': 'gpua' } },
      spec: { taints: [{ key: 'node.cloudprovider.kubernetes.io/uninitialized', effect: 'NoSchedule' }] },
      status: {
        conditions: [{ type: 'Ready', status: 'False', reason: 'KubeletNotReady', message: 'no CNI' }],
      },
    },
  ];
  expect(await kubernetes.nodes()).toEqual([
    {
      name: 'aks-gpua-0',
      pool: 'gpua',
      ready: true,
      notReadyReason: '',
      uninitialized: false,
      allocatable: { 'nvidia.com/gpu': 1 },
    },
    {
      name: 'aks-gpua-1',
      pool: 'gpua',
      ready: false,
      notReadyReason: 'KubeletNotReady: no CNI',
      uninitialized: true,
      allocatable: {},
    },
  ]);
});

test('a Lease is created once, replaced by version, and a conflict is an answer', async () => {
  expect(await kubernetes.readLease('ns', 'lock')).toBeUndefined();
  const created = await kubernetes.createLease('ns', 'lock', holding);
  expect(created).toMatchObject({ holder: 'pod-a', transitions: 0 });
  expect(server.leases.get('ns/lock')?.spec).toMatchObject({
    holderIdentity: 'pod-a',
    leaseDurationSeconds: 60,
    acquireTime: '2026-11-23T05:59:00.000000Z',
    renewTime: '2026-11-23T06:00:00.123000Z',
  });
  expect(await kubernetes.createLease('ns', 'lock', holding)).toBeUndefined();
  if (!created) throw new Error('not created');
  const replaced = await kubernetes.replaceLease(
    'ns',
    'lock',
    { ...holding, holder: 'pod-b', transitions: 1 },
    created,
  );
  expect(replaced).toMatchObject({ holder: 'pod-b', transitions: 1 });
  expect(await kubernetes.replaceLease('ns', 'lock', holding, created)).toBeUndefined();
  expect(await kubernetes.readLease('ns', 'lock')).toEqual(replaced);
});

test('an Event about the pod is written', async () => {
  const event: PodEvent = {
    namespace: 'ns',
    podName: 'pod-a',
    podUid: 'uid',
    type: 'Warning',
    reason: 'ProvisioningFailed',
    message: 'x'.repeat(2000),
    at: holding.at,
  };
  await kubernetes.createEvent(event);
  expect(server.events).toEqual([
    expect.objectContaining({
      involvedObject: { apiVersion: 'v1', kind: 'Pod', namespace: 'ns', name: 'pod-a', uid: 'uid' },
      type: 'Warning',
      message: 'x'.repeat(1024),
      firstTimestamp: '2026-11-23T06:00:00.123Z',
    }),
  ]);
});

test('a refusal keeps its status and the server’s words', async () => {
  server.refusal = { status: 403, message: 'nodes is forbidden: User cannot list' };
  await expect(kubernetes.nodes()).rejects.toMatchObject({
    name: 'KubernetesError',
    status: 403,
    message: 'cannot list nodes: HTTP 403 nodes is forbidden: User cannot list',
  });
});

test('a server that is not there is an error without status', async () => {
  const file = join(folder, 'nowhere');
  writeFileSync(file, server.kubeconfig('https://127.0.0.1:1'));
  const nowhere = await connect({ KUBECONFIG: file });
  await expect(nowhere?.nodes()).rejects.toMatchObject({ name: 'KubernetesError', status: undefined });
});

test('without service account and kubeconfig there is no connection', async () => {
  const home = process.env['HOME'];
  process.env['HOME'] = folder;
  delete process.env['KUBECONFIG'];
  expect(await connect({})).toBeNull();
  if (home === undefined) delete process.env['HOME'];
  else process.env['HOME'] = home;
});
