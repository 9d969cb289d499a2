import type { Deployment } from 'kubernetes-types/apps/v1';
import type { Role } from 'kubernetes-types/rbac/v1';
import { parse } from 'yaml';
import type { InferencePoolProps } from '../../../src/spec/operations';
import type { Decision } from '../../../src/workload/decision';
import { addInferencePool, synthesizeInferencePool } from '../../../src/workload/gateway/inference-pool';
import { restrictedViolations } from '../../../src/workload/pod-security';
import { schemaErrors } from '../../crds/validate';
import {
  type AnyObject,
  cluster,
  decision,
  groupDecision,
  inference,
  objectsOf,
  only,
  podOf,
  workspace,
} from '../fixtures';

const ISTIO = { name: 'public', namespace: 'gateways', implementation: 'istio' } as const;

function render(props: InferencePoolProps = {}, of: Decision = decision()): AnyObject[] {
  return objectsOf((chart) => {
    synthesizeInferencePool(chart, of, props);
  });
}

function pickerConfig(objects: readonly AnyObject[]) {
  const data = only(objects, 'ConfigMap')['data'] as Record<string, string>;
  return parse(data['picker.yaml'] ?? '') as {
    apiVersion: string;
    plugins: { type: string }[];
    schedulingProfiles: { plugins: { pluginRef: string; weight: number }[] }[];
  };
}

function scorersOf(objects: readonly AnyObject[]): Record<string, number> {
  const [profile] = pickerConfig(objects).schedulingProfiles;
  return Object.fromEntries((profile?.plugins ?? []).map(({ pluginRef, weight }) => [pluginRef, weight]));
}

test('a pool of the replicas, and all that its endpoint picker needs, in plain objects', () => {
  const objects = render();
  expect(objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
    expect.stringMatching(/^ConfigMap chat-epp-config-[0-9a-f]{8}$/),
    'ServiceAccount chat-epp',
    'Role chat-epp',
    'RoleBinding chat-epp',
    'Deployment chat-epp',
    'Service chat-epp',
    'NetworkPolicy chat-epp',
    'InferencePool chat',
  ]);
  const pool = only(objects, 'InferencePool');
  expect(schemaErrors({ apiVersion: 'inference.networking.k8s.io/v1', ...pool })).toEqual([]);
  expect(pool['spec']).toMatchObject({
    selector: { matchLabels: { 'slipway.dev/workspace': 'chat' } },
    targetPorts: [{ number: 5000 }],
    endpointPickerRef: { name: 'chat-epp', port: { number: 9002 }, failureMode: 'FailOpen' },
  });
});

test('over several nodes the pool has the pods that serve, and no workers', () => {
  const pool = only(render({}, groupDecision()), 'InferencePool');
  expect(pool['spec']).toMatchObject({
    selector: {
      matchLabels: { 'slipway.dev/workspace': 'chat', 'apps.kubernetes.io/pod-index': '0' },
    },
  });
});

test("the picker is no server of the model: the Workspace's Service does not select it", () => {
  const { spec } = only(render(), 'Deployment') as unknown as Deployment;
  expect(spec?.template.metadata?.labels).toEqual({
    'slipway.dev/endpoint-picker': 'chat',
    'app.kubernetes.io/managed-by': 'slipway',
  });
  expect(spec?.selector.matchLabels).toEqual({ 'slipway.dev/endpoint-picker': 'chat' });
});

test('the picker passes the restricted Pod Security Standard and asks for no GPU', () => {
  const pod = podOf(render());
  expect(restrictedViolations(pod)).toEqual([]);
  expect(pod.containers[0]?.resources).toEqual({
    requests: { cpu: '1', memory: '2Gi' },
    limits: { memory: '16Gi' },
  });
  expect(pod.tolerations).toBeUndefined();
  // A GPU node of somebody else may have no taint.
  expect(JSON.stringify(pod.affinity)).toContain('kubernetes.azure.com/mode');
});

test('the picker may only read, and only in its own namespace', () => {
  const { rules } = only(render(), 'Role') as unknown as Role;
  for (const rule of rules ?? []) expect(rule.verbs).toEqual(['get', 'list', 'watch']);
  expect(render().filter(({ kind }) => kind.startsWith('Cluster'))).toEqual([]);
});

test("the picker's configuration is the file that it is started with", () => {
  const objects = render();
  const pod = podOf(objects);
  const mount = pod.containers[0]?.volumeMounts?.[0]?.mountPath ?? '';
  expect(pod.containers[0]?.args).toContain(`--config-file=${mount}/picker.yaml`);
  expect(pod.volumes?.[0]?.configMap?.name).toBe(only(objects, 'ConfigMap').metadata.name);
  const { plugins, schedulingProfiles } = pickerConfig(objects);
  const types = plugins.map(({ type }) => type);
  for (const { pluginRef } of schedulingProfiles[0]?.plugins ?? []) expect(types).toContain(pluginRef);
});

test('replicas are scored by queue, cache and prefixes', () => {
  expect(scorersOf(render())).toEqual({
    'queue-scorer': 2,
    'kv-cache-utilization-scorer': 2,
    'prefix-cache-scorer': 3,
  });
});

test('adapters with a model id of their own are scored too, merged ones are not', () => {
  const withAdapter = (strength: number | null) =>
    decision({
      workspace: workspace({
        inference: inference({
          adapters: [{ name: 'sql', source: { image: 'example.com/sql:1' }, strength }],
        }),
      }),
    });
  expect(scorersOf(render({}, withAdapter(null)))).toHaveProperty('lora-affinity-scorer', 1);
  expect(scorersOf(render({}, withAdapter(0.5)))).not.toHaveProperty('lora-affinity-scorer');
});

test('several names of the model are no adapters', () => {
  const given = decision({
    workspace: workspace({ inference: inference({ servedNames: ['chat', 'chat-v2'] }) }),
  });
  expect(scorersOf(render({}, given))).not.toHaveProperty('lora-affinity-scorer');
});

test('the transformers backend is scored by what it reports', () => {
  const of = decision({ workspace: workspace({ inference: inference({ runtime: 'transformers' }) }) });
  expect(scorersOf(render({}, of))).toEqual({ 'queue-scorer': 1 });
});

test('image and failure mode are the user’s to choose', () => {
  const objects = render({ image: 'registry.example.com/picker:1', failureMode: 'FailClose' });
  expect(podOf(objects).containers[0]?.image).toBe('registry.example.com/picker:1');
  expect(only(objects, 'InferencePool')['spec']).toMatchObject({
    endpointPickerRef: { failureMode: 'FailClose' },
  });
});

test('only an Istio Gateway needs to be told of the certificate', () => {
  const of = decision({ cluster: cluster({ gateway: ISTIO, clusterDomain: 'corp.example' }) });
  expect(only(render({}, of), 'DestinationRule')).toMatchObject({
    metadata: { name: 'chat-epp', namespace: 'team-a' },
    spec: {
      host: 'chat-epp.team-a.svc.corp.example',
      trafficPolicy: { tls: { mode: 'SIMPLE', insecureSkipVerify: true } },
    },
  });
  expect(render().some(({ kind }) => kind === 'DestinationRule')).toBe(false);
});

test('a pool of other pods has a picker of its own', () => {
  const objects = objectsOf((chart) => {
    addInferencePool(chart, decision(), {
      name: 'both-roles',
      selector: { 'slipway.dev/roles-of': 'mri' },
      config: { plugins: [{ type: 'max-score-picker' }], schedulingProfiles: [] },
    });
  });
  expect(only(objects, 'InferencePool')['spec']).toMatchObject({
    selector: { matchLabels: { 'slipway.dev/roles-of': 'mri' } },
    endpointPickerRef: { name: 'both-roles-epp' },
  });
  expect(podOf(objects).containers[0]?.args).toContain('--pool-name=both-roles');
});
