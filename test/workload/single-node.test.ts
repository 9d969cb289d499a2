import { synthesizeInference, totalNodes } from '../../src/workload';
import type { Decision } from '../../src/workload/decision';
import {
  cluster,
  decision,
  inference,
  machine,
  model,
  objectsOf,
  only,
  placement,
  podOf,
  SCHEDULING,
  serverOf,
  workspace,
} from './fixtures';

function render(changes: Partial<Decision> = {}) {
  return objectsOf((chart) => {
    synthesizeInference(chart, decision(changes), SCHEDULING);
  });
}

test('a model on one node is a Deployment with its config, a Service and a NetworkPolicy, all in the namespace', () => {
  const objects = render();
  expect(objects.map(({ kind }) => kind).sort()).toEqual([
    'ConfigMap',
    'Deployment',
    'NetworkPolicy',
    'Service',
  ]);
  for (const { metadata } of objects) {
    expect(metadata).toMatchObject({
      namespace: 'team-a',
      labels: { 'slipway.dev/workspace': 'chat', 'app.kubernetes.io/managed-by': 'slipway' },
    });
  }
});

test('a rollout never needs a spare GPU and outlasts node, image, weights and load', () => {
  expect(only(render(), 'Deployment')['spec']).toMatchObject({
    replicas: 1,
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
    progressDeadlineSeconds: 15 * 60 + 15 * 60 + 30 * 60 + 10 * 60,
  });
});

test('the startup probe waits 15 minutes and 18 seconds for each GiB of weights, between 30 minutes and 3 hours', () => {
  const budget = (name: string) => {
    const { startupProbe } = serverOf(render({ model: model(name) }));
    return (startupProbe?.periodSeconds ?? 0) * (startupProbe?.failureThreshold ?? 0);
  };
  expect(budget('phi-3-mini-4k-instruct')).toBe(30 * 60);
  const giB = Math.ceil(model('llama-3.3-70b-instruct').downloadBytes / 1024 ** 3);
  expect(budget('llama-3.3-70b-instruct')).toBe(Math.ceil((15 * 60 + 18 * giB) / 10) * 10);
  expect(budget('deepseek-r1-0528')).toBe(180 * 60);
});

test('GPUs are requests and limits; CPU and memory are 70 % of the smallest candidate', () => {
  const small = placement({ machine: machine('Standard_NC24ads_A100_v4') });
  const large = placement({ machine: machine('Standard_NC40ads_H100_v5') });
  const { resources } = serverOf(render({ placement: large, candidates: [large, small] }));
  expect(resources?.limits).toEqual({ 'nvidia.com/gpu': '1' });
  expect(resources?.requests).toMatchObject({ 'nvidia.com/gpu': '1', cpu: '16', memory: '154Gi' });
});

test('a part of a machine asks for the same part of its CPU and memory', () => {
  const half = placement({ machine: machine('Standard_NC96ads_A100_v4'), gpusPerNode: 2 });
  const { resources } = serverOf(render({ placement: half }));
  expect(resources?.requests).toMatchObject({ 'nvidia.com/gpu': '2', cpu: '33', memory: '308Gi' });
});

test('a machine whose CPU and memory nobody knows is asked for little', () => {
  const own = { ...machine(), vcpus: null, memoryBytes: null };
  const { resources } = serverOf(render({ placement: placement({ machine: own }) }));
  expect(resources?.requests).toMatchObject({ cpu: '1', memory: '8Gi' });
});

test("the user's CPU and memory win", () => {
  const { resources } = serverOf(
    render({ workspace: workspace({ pod: { resources: { cpu: '2', memory: '20Gi' } } }) }),
  );
  expect(resources?.requests).toMatchObject({ cpu: '2', memory: '20Gi' });
});

test('a MIG slice is asked for by its profile', () => {
  const { resources } = serverOf(
    render({ workspace: workspace({ resource: { partition: { mode: 'mig', profile: '3g.40gb' } } }) }),
  );
  expect(resources?.limits).toEqual({ 'nvidia.com/mig-3g.40gb': '1' });
});

test('/dev/shm is in memory and bounded', () => {
  const shm = podOf(render()).volumes?.find(({ name }) => name === 'shm');
  expect(shm?.emptyDir).toEqual({ medium: 'Memory', sizeLimit: '4Gi' });
});

test('the Service sends port 80 to the server and nothing else', () => {
  expect(only(render(), 'Service')['spec']).toEqual({
    type: 'ClusterIP',
    selector: { 'slipway.dev/workspace': 'chat' },
    ports: [{ name: 'http', port: 80, targetPort: 'http', protocol: 'TCP' }],
  });
});

test('the NetworkPolicy lets pods of the cluster reach the serving port', () => {
  expect(only(render(), 'NetworkPolicy')['spec']).toEqual({
    podSelector: { matchLabels: { 'slipway.dev/workspace': 'chat' } },
    policyTypes: ['Ingress'],
    ingress: [{ from: [{ namespaceSelector: {} }], ports: [{ port: 5000, protocol: 'TCP' }] }],
  });
});

test('behind a load balancer everybody may call', () => {
  const objects = render({ workspace: workspace({ service: { type: 'LoadBalancer' } }) });
  expect(only(objects, 'NetworkPolicy')['spec']).toMatchObject({
    ingress: [{ ports: [{ port: 5000, protocol: 'TCP' }] }],
  });
  expect(JSON.stringify(only(objects, 'NetworkPolicy'))).not.toContain('"from"');
});

test('replicas are copies of the Deployment', () => {
  const objects = render({ workspace: workspace({ inference: inference({ replicas: 3 }) }) });
  expect(only(objects, 'Deployment')['spec']).toMatchObject({ replicas: 3 });
});

test('with autoscaling the number of replicas is not written, and nodes are for the most of them', () => {
  const scaled = workspace({ operations: { autoscaling: { maxReplicas: 4 }, disruptionBudget: {} } });
  const objects = render({ workspace: scaled });
  expect(only(objects, 'Deployment')['spec']).not.toHaveProperty('replicas');
  expect(objects.map(({ kind }) => kind)).toEqual(
    expect.arrayContaining(['ScaledObject', 'PodDisruptionBudget']),
  );
  expect(totalNodes(decision({ workspace: scaled }))).toBe(4);
});

test('pods select the nodes made for them and tolerate their taints', () => {
  const pod = podOf(render());
  expect(pod.nodeSelector).toEqual(SCHEDULING.nodeSelector);
  expect(pod.tolerations).toEqual(SCHEDULING.tolerations);
});

test('a changed config is a new, immutable ConfigMap; the same config has the same name', () => {
  const nameOf = (changes: Partial<Decision>) => only(render(changes), 'ConfigMap').metadata.name;
  expect(nameOf({})).toBe(nameOf({}));
  expect(nameOf({ placement: placement({ maxContext: 2048 }) })).not.toBe(nameOf({}));
  expect(only(render(), 'ConfigMap')['immutable']).toBe(true);
  const volume = podOf(render()).volumes?.find(({ name }) => name === 'config');
  expect(volume?.configMap?.name).toBe(nameOf({}));
});

test('labels that other controllers act on are not written', () => {
  const objects = render({
    workspace: workspace({
      labels: { 'app.kubernetes.io/instance': 'x', 'kaito.sh/workspace': 'x', team: 'nlp' },
      pod: { labels: { 'multiroleinference.kaito.sh/created-by': 'x' } },
    }),
    cluster: cluster({ defaults: { ...cluster().defaults, labels: { cost: '42' } } }),
  });
  const text = JSON.stringify(objects);
  expect(text).not.toContain('app.kubernetes.io/instance');
  expect(text).not.toContain('kaito.sh/');
  expect(only(objects, 'Deployment').metadata).toMatchObject({ labels: { team: 'nlp', cost: '42' } });
});

test('the same decision gives the same bytes', () => {
  expect(JSON.stringify(render())).toBe(JSON.stringify(render()));
});
