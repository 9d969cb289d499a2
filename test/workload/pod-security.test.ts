import type { Container, PodSpec } from 'kubernetes-types/core/v1';
import { synthesizeInference } from '../../src/workload';
import { podSecurityLevel, restrictedViolations } from '../../src/workload/pod-security';
import { decision, groupDecision, inference, objectsOf, podOf, SCHEDULING, workspace } from './fixtures';

const ADAPTERS = [{ name: 'sql', source: { image: 'example.com/sql:1' }, strength: null }];
const SIDECARS = [{ name: 'logs', image: 'example.com/logs:1' }];

test.each([
  ['slipway', decision],
  ['vllm', decision],
  ['slipway', groupDecision],
  ['vllm', groupDecision],
] as const)('pods of the image %s pass the restricted Pod Security Standard', (kind, make) => {
  const given = make({
    workspace: workspace({
      inference: inference({ image: { kind }, adapters: ADAPTERS }),
      pod: { sidecars: SIDECARS },
    }),
  });
  const pod = podOf(
    objectsOf((chart) => {
      synthesizeInference(chart, given, SCHEDULING);
    }),
  );
  expect(restrictedViolations(pod)).toEqual([]);
  for (const container of [...(pod.initContainers ?? []), ...pod.containers]) {
    expect(container.securityContext?.readOnlyRootFilesystem).toBe(true);
  }
});

test("KAITO's image may run as root, and that is all it violates", () => {
  const pod = podOf(
    objectsOf((chart) => {
      synthesizeInference(
        chart,
        decision({ workspace: workspace({ inference: inference({ image: { kind: 'kaito' } }) }) }),
        SCHEDULING,
      );
    }),
  );
  expect(restrictedViolations(pod)).toEqual(['container server may run as root']);
});

const GOOD: PodSpec = {
  securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
  containers: [
    { name: 'a', securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } },
  ],
};

function withContainer(changes: PodSpec['containers'][number]['securityContext']): PodSpec {
  return {
    ...GOOD,
    containers: [{ name: 'a', securityContext: { ...GOOD.containers[0]?.securityContext, ...changes } }],
  };
}

test.each<[string, PodSpec, string[]]>([
  ['nothing', GOOD, []],
  ['the host network', { ...GOOD, hostNetwork: true }, ['the pod sets hostNetwork']],
  [
    'a host path',
    { ...GOOD, volumes: [{ name: 'v', hostPath: { path: '/' } }] },
    ['volume v is of type hostPath'],
  ],
  ['privilege', withContainer({ privileged: true }), ['container a is privileged']],
  ['escalation', withContainer({ allowPrivilegeEscalation: true }), ['container a may escalate privileges']],
  ['root', withContainer({ runAsNonRoot: false }), ['container a may run as root']],
  ['user 0', withContainer({ runAsUser: 0 }), ['container a runs as user 0']],
  ['capabilities', withContainer({ capabilities: { drop: [] } }), ['container a keeps capabilities']],
  [
    'added capabilities',
    withContainer({ capabilities: { drop: ['ALL'], add: ['IPC_LOCK', 'NET_BIND_SERVICE'] } }),
    ['container a adds IPC_LOCK'],
  ],
  [
    'no seccomp',
    withContainer({ seccompProfile: { type: 'Unconfined' } }),
    ['container a has no seccomp profile'],
  ],
  [
    'a host port',
    {
      ...GOOD,
      containers: [{ ...GOOD.containers[0], name: 'a', ports: [{ containerPort: 1, hostPort: 1 }] }],
    },
    ['container a uses a host port'],
  ],
])('%s is judged as the standard says', (_what, pod, violations) => {
  expect(restrictedViolations(pod)).toEqual(violations);
});

test.each<[string, Partial<PodSpec>, Partial<Container>, string]>([
  ['runs as root', {}, {}, 'baseline'],
  ['adds a harmless capability', {}, { securityContext: { capabilities: { add: ['CHOWN'] } } }, 'baseline'],
  ['shares the network of its node', { hostNetwork: true }, {}, 'privileged'],
  ['mounts a folder of its node', { volumes: [{ name: 'a', hostPath: { path: '/a' } }] }, {}, 'privileged'],
  ['is privileged', {}, { securityContext: { privileged: true } }, 'privileged'],
  ['locks memory for RDMA', {}, { securityContext: { capabilities: { add: ['IPC_LOCK'] } } }, 'privileged'],
  ['listens on its node', {}, { ports: [{ containerPort: 80, hostPort: 80 }] }, 'privileged'],
  ['has no seccomp', { securityContext: { seccompProfile: { type: 'Unconfined' } } }, {}, 'privileged'],
])('a pod that %s needs a namespace of the standard it passes', (_, pod, container, level) => {
  const containers = [{ name: 'a', image: 'a', ...container }];
  expect(podSecurityLevel({ ...pod, containers })).toBe(level);
  expect(
    podSecurityLevel({ containers: [{ name: 'b', image: 'b' }], initContainers: containers, ...pod }),
  ).toBe(level);
});
