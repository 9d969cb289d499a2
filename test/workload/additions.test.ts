import { checkInference, synthesizeInference } from '../../src/workload';
import type { Decision } from '../../src/workload/decision';
import type { PodProps } from '../../src/spec/workspace';
import {
  cluster,
  decision,
  inference,
  objectsOf,
  only,
  podOf,
  SCHEDULING,
  serverOf,
  workspace,
} from './fixtures';

const ADAPTERS = [
  { name: 'sql', source: { image: 'example.com/sql:1', imagePullSecrets: ['reg'] }, strength: null },
];

function render(pod: PodProps, changes: Partial<Decision> = {}) {
  return objectsOf((chart) => {
    synthesizeInference(
      chart,
      decision({ workspace: workspace({ pod, inference: inference({ adapters: ADAPTERS }) }), ...changes }),
      SCHEDULING,
    );
  });
}

const SIDECAR = { name: 'logs', image: 'example.com/logs:1', env: [{ name: 'LEVEL', value: 'info' }] };

test('proxy and certificate authorities reach every container, the init step and the sidecar included', () => {
  const pod = podOf(
    render(
      { sidecars: [SIDECAR] },
      {
        cluster: cluster({
          egress: {
            httpProxy: 'http://proxy.example.com:3128',
            httpsProxy: 'http://proxy.example.com:3128',
            noProxy: ['10.0.0.0/8'],
            caBundle: { configMap: 'corp-ca', key: 'bundle.pem' },
          },
        }),
      },
    ),
  );
  const containers = [...(pod.initContainers ?? []), ...pod.containers];
  expect(containers.map(({ name }) => name)).toEqual(['fetch-sql', 'server', 'logs']);
  for (const { env, volumeMounts } of containers) {
    const values = Object.fromEntries((env ?? []).map(({ name, value }) => [name, value]));
    expect(values).toMatchObject({
      HTTPS_PROXY: 'http://proxy.example.com:3128',
      https_proxy: 'http://proxy.example.com:3128',
      NO_PROXY: 'localhost,127.0.0.1,.svc,.svc.cluster.local,10.0.0.0/8',
      no_proxy: 'localhost,127.0.0.1,.svc,.svc.cluster.local,10.0.0.0/8',
      SSL_CERT_FILE: '/etc/slipway/ca/ca.crt',
      REQUESTS_CA_BUNDLE: '/etc/slipway/ca/ca.crt',
    });
    expect(volumeMounts).toContainEqual({
      name: 'slipway-ca-bundle',
      mountPath: '/etc/slipway/ca',
      readOnly: true,
    });
  }
  expect(pod.volumes).toContainEqual({
    name: 'slipway-ca-bundle',
    configMap: { name: 'corp-ca', items: [{ key: 'bundle.pem', path: 'ca.crt' }] },
  });
});

test("the user's variables and mounts reach every container and win", () => {
  const pod = podOf(
    render({
      sidecars: [SIDECAR],
      env: [{ name: 'HF_HOME', value: '/shared' }],
      volumes: [{ name: 'shared', emptyDir: {} }],
      volumeMounts: [{ name: 'shared', mountPath: '/shared' }],
    }),
  );
  for (const container of [...(pod.initContainers ?? []), ...pod.containers]) {
    expect(container.env?.filter(({ name }) => name === 'HF_HOME')).toEqual([
      { name: 'HF_HOME', value: '/shared' },
    ]);
    expect(container.volumeMounts).toContainEqual({ name: 'shared', mountPath: '/shared' });
  }
  expect(pod.volumes).toContainEqual({ name: 'shared', emptyDir: {} });
});

test('everything else that the user says about pods is on the pod', () => {
  const affinity = { nodeAffinity: {} };
  const spread = { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway' as const };
  const objects = render({
    labels: { tier: 'gold' },
    annotations: { 'example.com/scrape': 'yes' },
    tolerations: [{ key: 'dedicated', operator: 'Exists' }],
    nodeSelector: { pool: 'a' },
    affinity,
    topologySpreadConstraints: [spread],
    priorityClassName: 'high',
    schedulerName: 'volcano',
    runtimeClassName: 'nvidia',
    serviceAccountName: 'model',
    terminationGracePeriodSeconds: 300,
    imagePullSecrets: ['mine'],
  });
  expect(podOf(objects)).toMatchObject({
    tolerations: [...SCHEDULING.tolerations, { key: 'dedicated', operator: 'Exists' }],
    nodeSelector: { ...SCHEDULING.nodeSelector, pool: 'a' },
    affinity,
    topologySpreadConstraints: [spread],
    priorityClassName: 'high',
    schedulerName: 'volcano',
    runtimeClassName: 'nvidia',
    serviceAccountName: 'model',
    terminationGracePeriodSeconds: 300,
    imagePullSecrets: [{ name: 'mine' }],
    automountServiceAccountToken: false,
  });
  const { template } = only(objects, 'Deployment')['spec'] as { template: { metadata: object } };
  expect(template.metadata).toMatchObject({
    labels: { tier: 'gold', 'slipway.dev/workspace': 'chat' },
    annotations: { 'example.com/scrape': 'yes' },
  });
});

test("what the cluster says comes first, and the Workspace's own word wins", () => {
  const pod = podOf(
    render(
      { priorityClassName: 'high', tolerations: [{ key: 'b' }] },
      {
        cluster: cluster({
          imagePullSecrets: ['pull'],
          defaults: {
            ...cluster().defaults,
            pod: { priorityClassName: 'low', schedulerName: 'x', tolerations: [{ key: 'a' }, { key: 'b' }] },
          },
        }),
      },
    ),
  );
  expect(pod).toMatchObject({
    priorityClassName: 'high',
    schedulerName: 'x',
    imagePullSecrets: [{ name: 'pull' }],
  });
  expect(pod.tolerations?.map(({ key }) => key)).toEqual(['sku', 'a', 'b']);
});

test('a token comes from a Secret, which must be there for a gated model', () => {
  const gated = { ...decision().model, gated: 'yes' as const };
  const withSecret = workspace({
    inference: inference({ preset: { name: 'x', modelAccessSecret: 'hf', imagePullSecrets: [] } }),
  });
  const token = (given: Partial<Decision>) =>
    serverOf(render({}, { workspace: withSecret, ...given })).env?.find(({ name }) => name === 'HF_TOKEN');
  expect(token({ model: gated })?.valueFrom?.secretKeyRef).toEqual({ name: 'hf', key: 'HF_TOKEN' });
  expect(token({})?.valueFrom?.secretKeyRef).toEqual({ name: 'hf', key: 'HF_TOKEN', optional: true });
  expect(token({ workspace: workspace() })).toBeUndefined();
});

test("the cluster's token serves Workspaces that name none", () => {
  const env = serverOf(
    render({}, { cluster: cluster({ defaults: { ...cluster().defaults, modelAccessSecret: 'shared' } }) }),
  ).env;
  expect(env?.find(({ name }) => name === 'HF_TOKEN')?.valueFrom?.secretKeyRef?.name).toBe('shared');
});

test('init containers of the user run before all others, as secure as ours, with what reaches every container', () => {
  const pod = podOf(
    render({
      initContainers: [{ name: 'wait', image: 'example.com/wait:1' }],
      env: [{ name: 'A', value: '1' }],
    }),
  );
  expect(pod.initContainers?.map(({ name }) => name)).toEqual(['wait', 'fetch-sql']);
  expect(pod.initContainers?.[0]).toMatchObject({
    env: [{ name: 'A', value: '1' }],
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
  });
});

test('hosts are found as the user says', () => {
  const dnsConfig = { nameservers: ['10.0.0.10'], options: [{ name: 'ndots', value: '2' }] };
  const registry = { ip: '10.0.0.5', hostnames: ['registry.example.com'] };
  const hub = { ip: '10.0.0.6', hostnames: ['huggingface.co'] };
  const pod = podOf(
    render(
      { dnsPolicy: 'None', dnsConfig, hostAliases: [hub] },
      { cluster: cluster({ defaults: { ...cluster().defaults, pod: { hostAliases: [registry] } } }) },
    ),
  );
  expect(pod).toMatchObject({ dnsPolicy: 'None', dnsConfig, hostAliases: [registry, hub] });
});

test('a container cannot have the name of another one', () => {
  const given = decision({ workspace: workspace({ pod: { sidecars: [{ ...SIDECAR, name: 'server' }] } }) });
  expect(checkInference(given)).toMatchObject([
    {
      severity: 'error',
      code: 'container-name-taken',
      message: 'two containers of the pod are called server',
    },
  ]);
});
