import type { Container, PodTemplateSpec } from 'kubernetes-types/core/v1';
import type { KubernetesObject } from '../../src/gitops/object';
import { withCrdDefaults } from '../crds/defaults';
import { checkInference, synthesizeInference } from '../../src/workload';
import { restrictedViolations } from '../../src/workload/pod-security';
import type { ImageKind, MultiNodeWorkload } from '../../src/spec/workspace';
import type { OperationsProps } from '../../src/spec/operations';
import {
  type AnyObject,
  cluster,
  decision,
  groupDecision,
  inference,
  objectsOf,
  only,
  SCHEDULING,
  workspace,
} from './fixtures';

interface Choice {
  readonly kind?: ImageKind;
  readonly replicas?: number;
  readonly ofCluster?: MultiNodeWorkload;
  readonly ofWorkspace?: MultiNodeWorkload | null;
  readonly operations?: OperationsProps;
  readonly name?: string;
  readonly kubernetesVersion?: string;
}

function decide({
  kind = 'slipway',
  replicas = 1,
  ofCluster = 'StatefulSet',
  ofWorkspace = 'LeaderWorkerSet',
  operations,
  name = 'chat',
  kubernetesVersion = '1.32',
}: Choice = {}) {
  const given = cluster();
  return groupDecision({
    cluster: { ...given, kubernetesVersion, defaults: { ...given.defaults, multiNodeWorkload: ofCluster } },
    workspace: workspace({
      name,
      inference: inference({
        preset: { name: 'llama-3.3-70b-instruct', modelAccessSecret: 'hf', imagePullSecrets: [] },
        image: { kind },
        replicas,
        multiNodeWorkload: ofWorkspace,
      }),
      ...(operations !== undefined && { operations }),
    }),
  });
}

const render = (choice: Choice = {}): AnyObject[] =>
  objectsOf((chart) => {
    synthesizeInference(chart, decide(choice), SCHEDULING);
  });

test('it states what its CRD would fill in, the ports of the user included', () => {
  const sidecars = [{ name: 'logs', image: 'example.com/logs:1', ports: [{ containerPort: 9000 }] }];
  const given = decide();
  const objects = objectsOf((chart) => {
    synthesizeInference(
      chart,
      { ...given, workspace: { ...given.workspace, pod: { sidecars, initContainers: sidecars } } },
      SCHEDULING,
    );
  });
  const set = JSON.parse(JSON.stringify(only(objects, 'LeaderWorkerSet'))) as KubernetesObject;
  expect(withCrdDefaults(set)).toEqual(set);
});

interface Spec {
  readonly leaderWorkerTemplate: { readonly workerTemplate: PodTemplateSpec };
}

function templateOf(objects: readonly AnyObject[]): PodTemplateSpec {
  return (only(objects, 'LeaderWorkerSet')['spec'] as Spec).leaderWorkerTemplate.workerTemplate;
}

function serverOf(objects: readonly AnyObject[]): Container {
  const [server] = templateOf(objects).spec?.containers ?? [];
  if (server === undefined) throw new Error('no container');
  return server;
}

const autoscaling = { autoscaling: { maxReplicas: 4 } };

test('all replicas are groups of one LeaderWorkerSet, which starts a group again as a whole', () => {
  const objects = render({ replicas: 3 });
  const set = only(objects, 'LeaderWorkerSet');
  expect(set).toMatchObject({
    apiVersion: 'leaderworkerset.x-k8s.io/v1',
    metadata: { name: 'chat-groups', namespace: 'team-a', labels: { 'slipway.dev/workspace': 'chat' } },
    spec: {
      replicas: 3,
      leaderWorkerTemplate: { size: 2, restartPolicy: 'RecreateGroupOnPodRestart' },
      rolloutStrategy: { rollingUpdateConfiguration: { maxSurge: 0, maxUnavailable: 1 } },
    },
  });
  expect(objects.filter(({ kind }) => kind === 'StatefulSet')).toEqual([]);
  expect(objects.filter(({ kind }) => kind === 'ConfigMap')).toHaveLength(1);
});

test.each<[string, Choice, string]>([
  ["the cluster's choice", { ofCluster: 'LeaderWorkerSet', ofWorkspace: null }, 'LeaderWorkerSet'],
  ["the Workspace's own choice", { ofCluster: 'LeaderWorkerSet', ofWorkspace: 'StatefulSet' }, 'StatefulSet'],
  ['no choice', { ofWorkspace: null }, 'StatefulSet'],
])('%s decides', (_name, choice, kind) => {
  expect(only(render(choice), kind).kind).toBe(kind);
});

test('on one node the choice changes nothing', () => {
  const choose = (multiNodeWorkload: MultiNodeWorkload) =>
    objectsOf((chart) => {
      synthesizeInference(
        chart,
        decision({ workspace: workspace({ inference: inference({ multiNodeWorkload }) }) }),
        SCHEDULING,
      );
    });
  expect(choose('LeaderWorkerSet')).toEqual(choose('StatefulSet'));
});

test('the Service has a name of its own, and sends requests to the leaders of all groups', () => {
  const service = only(render({ replicas: 2 }), 'Service');
  expect(service).toMatchObject({
    metadata: { name: 'chat' },
    spec: {
      selector: { 'slipway.dev/workspace': 'chat', 'leaderworkerset.sigs.k8s.io/worker-index': '0' },
      ports: [{ port: 80 }],
    },
  });
});

test('only pods of the Workspace reach ports other than the serving one', () => {
  const peers = render().find(
    ({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === 'chat-peers',
  );
  const own = { matchLabels: { 'slipway.dev/workspace': 'chat' } };
  expect(peers?.['spec']).toEqual({
    podSelector: own,
    policyTypes: ['Ingress'],
    ingress: [{ from: [{ podSelector: own }] }],
  });
});

test.each<ImageKind>(['slipway', 'kaito', 'vllm'])(
  'every pod of a %s group knows its index and the leader of its own group',
  (kind) => {
    const server = serverOf(render({ kind, replicas: 2 }));
    const index = server.env?.find(({ name }) => name === 'POD_INDEX');
    expect(index?.valueFrom?.fieldRef?.fieldPath).toBe(
      "metadata.labels['leaderworkerset.sigs.k8s.io/worker-index']",
    );
    const text = JSON.stringify(server);
    expect(text).toContain('LWS_LEADER_ADDRESS');
    expect(text).not.toContain('${');
    expect(text).not.toContain('.svc.');
    expect(server.livenessProbe?.exec?.command?.slice(0, 2)).toEqual(['/bin/sh', '-c']);
  },
);

test('our image takes the address of the leader from a variable, since its config is shared by all groups', () => {
  const objects = render();
  expect(serverOf(objects).env).toContainEqual({
    name: 'SLIPWAY_RAY_LEADER_ADDRESS',
    value: '$(LWS_LEADER_ADDRESS)',
  });
  const config = JSON.stringify(only(objects, 'ConfigMap')['data']);
  expect(config).toContain('cluster_size: 2');
  expect(config).not.toContain('leader_address');
  expect(serverOf(objects).livenessProbe?.exec?.command).toEqual([
    '/bin/sh',
    '-c',
    'exec python -m slipway_runtime probe live --leader-address="$LWS_LEADER_ADDRESS" --ray-port=6379',
  ]);
});

test('the pods pass the restricted standard and are scheduled like any other', () => {
  const { spec } = templateOf(render());
  if (spec === undefined) throw new Error('no pod');
  expect(restrictedViolations(spec)).toEqual([]);
  expect(spec.nodeSelector).toEqual(SCHEDULING.nodeSelector);
});

test('autoscaling changes the number of groups, which then has one owner', () => {
  const objects = render({ operations: autoscaling });
  const set = only(objects, 'LeaderWorkerSet');
  expect(set['spec']).not.toHaveProperty('replicas');
  expect(only(objects, 'ScaledObject')['spec']).toMatchObject({
    scaleTargetRef: {
      apiVersion: 'leaderworkerset.x-k8s.io/v1',
      kind: 'LeaderWorkerSet',
      name: set.metadata.name,
    },
    maxReplicaCount: 4,
  });
  expect(checkInference(decide({ operations: autoscaling }))).toEqual([]);
});

test('autoscaling of groups in StatefulSets is refused, with the way out', () => {
  expect(checkInference(decide({ ofWorkspace: 'StatefulSet', operations: autoscaling }))).toMatchObject([
    { code: 'autoscaling', next: expect.stringContaining('multiNodeWorkload: LeaderWorkerSet') as string },
  ]);
});

test('a name that leaves no room for what the controller appends is an error', () => {
  const problems = (length: number) => checkInference(decide({ name: 'a'.repeat(length), replicas: 11 }));
  // 52 less "-groups-10".
  expect(problems(42)).toEqual([]);
  expect(problems(43)).toMatchObject([{ code: 'name-too-long', allowed: 'at most 42 characters' }]);
});

test('it needs no pod index label of Kubernetes', () => {
  expect(checkInference(decide({ kubernetesVersion: '1.27' }))).toEqual([]);
  expect(checkInference(decide({ kubernetesVersion: '1.27', ofWorkspace: 'StatefulSet' }))).toMatchObject([
    { code: 'kubernetes-too-old' },
  ]);
});
