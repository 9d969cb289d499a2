import { synthesizeInference } from '../../src/workload';
import type { ImageKind } from '../../src/spec/workspace';
import {
  cluster,
  groupDecision,
  inference,
  objectsOf,
  only,
  podOf,
  SCHEDULING,
  serverOf,
  workspace,
} from './fixtures';

function render(kind: ImageKind = 'slipway', replicas = 1, domain = 'cluster.local') {
  return objectsOf((chart) => {
    synthesizeInference(
      chart,
      groupDecision({
        cluster: cluster({ clusterDomain: domain }),
        workspace: workspace({ inference: inference({ image: { kind }, replicas }) }),
      }),
      SCHEDULING,
    );
  });
}

test('a model over several nodes is a StatefulSet whose pods start together', () => {
  const statefulSet = only(render(), 'StatefulSet');
  expect(statefulSet.metadata.name).toBe('chat');
  expect(statefulSet['spec']).toMatchObject({
    replicas: 2,
    podManagementPolicy: 'Parallel',
    serviceName: 'chat-headless',
    selector: { matchLabels: { 'slipway.dev/workspace': 'chat', 'slipway.dev/group': 'chat' } },
  });
});

test('the Service sends requests to leaders alone, and only on the serving port', () => {
  const services = render().filter(({ kind }) => kind === 'Service');
  const [service, headless] = services.sort((a, b) => a.metadata.name.localeCompare(b.metadata.name));
  expect(service?.['spec']).toMatchObject({
    selector: { 'slipway.dev/workspace': 'chat', 'apps.kubernetes.io/pod-index': '0' },
    ports: [{ port: 80 }],
  });
  expect(headless?.['spec']).toEqual({
    clusterIP: 'None',
    publishNotReadyAddresses: true,
    selector: { 'slipway.dev/workspace': 'chat', 'slipway.dev/group': 'chat' },
  });
});

test('only pods of the same group reach ports other than the serving one', () => {
  const policies = render('slipway', 2)
    .filter(({ kind }) => kind === 'NetworkPolicy')
    .sort((a, b) => a.metadata.name.localeCompare(b.metadata.name));
  expect(policies.map(({ metadata }) => metadata.name)).toEqual(['chat', 'chat-group-1-peers', 'chat-peers']);
  for (const policy of policies.slice(1)) {
    const { podSelector, ingress } = policy['spec'] as {
      podSelector: object;
      ingress: readonly { from: readonly object[]; ports?: unknown }[];
    };
    expect(ingress).toEqual([{ from: [{ podSelector }] }]);
  }
  expect(policies[0]?.['spec']).toMatchObject({ ingress: [{ ports: [{ port: 5000, protocol: 'TCP' }] }] });
});

test('each replica is a group of its own with its own leader', () => {
  const objects = render('slipway', 3);
  const names = objects.filter(({ kind }) => kind === 'StatefulSet').map(({ metadata }) => metadata.name);
  expect(names).toEqual(['chat', 'chat-group-1', 'chat-group-2']);
  const configs = objects
    .filter(({ kind }) => kind === 'ConfigMap')
    .map((object) => JSON.stringify(object['data']));
  expect(configs.map((text) => /leader_address: (\S+?)\\n/.exec(text)?.[1])).toEqual([
    'chat-0.chat-headless.team-a.svc.cluster.local',
    'chat-group-1-0.chat-group-1-headless.team-a.svc.cluster.local',
    'chat-group-2-0.chat-group-2-headless.team-a.svc.cluster.local',
  ]);
});

test("leaders are found under the cluster's own domain", () => {
  expect(JSON.stringify(render('kaito', 1, 'corp.example'))).toContain(
    'chat-0.chat-headless.team-a.svc.corp.example',
  );
});

test.each<ImageKind>(['slipway', 'kaito', 'vllm'])('every pod of a %s group knows its index', (kind) => {
  const index = serverOf(render(kind)).env?.find(({ name }) => name === 'POD_INDEX');
  expect(index?.valueFrom?.fieldRef?.fieldPath).toBe("metadata.labels['apps.kubernetes.io/pod-index']");
});

test('KAITO leads a Ray group of two and serves on the pod with index 0', () => {
  const script = serverOf(render('kaito')).command?.at(-1) ?? '';
  expect(script).toContain('multi-node-serving.sh leader --ray_cluster_size=2 --ray_port=6379');
  expect(script).toContain(
    'multi-node-serving.sh worker --ray_address=chat-0.chat-headless.team-a.svc.cluster.local --ray_port=6379',
  );
  expect(script).toContain('--distributed-executor-backend=ray');
  expect(script).toContain('--pipeline-parallel-size=2');
  expect(script).toContain('--kaito-kv-cache-cpu-memory-utilization=0');
  expect(script).not.toContain('${');
});

test("KAITO's liveness probe restarts the whole group at once", () => {
  const { livenessProbe, startupProbe } = serverOf(render('kaito'));
  expect(livenessProbe).toMatchObject({
    failureThreshold: 1,
    initialDelaySeconds: 60,
    terminationGracePeriodSeconds: 1,
    timeoutSeconds: 5,
  });
  expect(startupProbe?.exec?.command).toContain('--vllm-port=5000');
});

test("vLLM's own image launches over nodes without Ray", () => {
  const script = serverOf(render('vllm')).command?.at(-1) ?? '';
  expect(script).toContain('--nnodes=2 --master-addr=chat-0.chat-headless.team-a.svc.cluster.local');
  expect(script).toContain('--node-rank="$POD_INDEX" --headless');
  expect(script).not.toContain('ray');
});

test('our image is told of its group in its config, and every pod answers for itself', () => {
  const objects = render();
  expect(JSON.stringify(only(objects, 'ConfigMap')['data'])).toContain('cluster_size: 2');
  expect(serverOf(objects)).toMatchObject({
    startupProbe: { httpGet: { path: '/startupz' } },
    readinessProbe: { httpGet: { path: '/readyz' } },
    livenessProbe: {
      exec: {
        command: [
          'python',
          '-m',
          'slipway_runtime',
          'probe',
          'live',
          '--leader-address=chat-0.chat-headless.team-a.svc.cluster.local',
          '--ray-port=6379',
        ],
      },
    },
  });
});

test('the pods of a group are pods like any other: restricted, scheduled, without a token', () => {
  const pod = podOf(render());
  expect(pod).toMatchObject({ automountServiceAccountToken: false, nodeSelector: SCHEDULING.nodeSelector });
});
