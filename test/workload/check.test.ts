import type { PodProps } from '../../src/spec/workspace';
import { checkInference, checkTuning } from '../../src/workload';
import type { Decision } from '../../src/workload/decision';
import { cluster, decision, groupDecision, inference, machine, placement, workspace } from './fixtures';

function codes(given: Decision): string[] {
  return checkInference(given).map(({ code }) => code);
}

test('a plain Workspace has no problems', () => {
  expect(checkInference(decision())).toEqual([]);
  expect(checkInference(groupDecision())).toEqual([]);
});

test.each(['port', 'host', 'model', 'served-model-name', 'lora-modules', 'download-dir'])(
  'the vLLM option %s is refused: something else decides it',
  (option) => {
    const config = { vllm: { [option]: 'x' } };
    expect(codes(decision({ workspace: workspace({ inference: inference({ config }) }) }))).toEqual([
      'option-decided-elsewhere',
    ]);
  },
);

test('names that are too long for a StatefulSet are found before', () => {
  const name = 'x'.repeat(53);
  expect(codes(decision({ workspace: workspace({ name }) }))).toEqual([]);
  const preset = { name: 'llama-3.3-70b-instruct', modelAccessSecret: 'hf', imagePullSecrets: [] };
  expect(
    checkInference(groupDecision({ workspace: workspace({ name, inference: inference({ preset }) }) })),
  ).toMatchObject([{ code: 'name-too-long', allowed: 'at most 52 characters' }]);
  const replicas = inference({ preset, replicas: 11 });
  expect(
    checkInference(groupDecision({ workspace: workspace({ name, inference: replicas }) })),
  ).toMatchObject([{ code: 'name-too-long', allowed: 'at most 43 characters' }]);
});

describe('a volume of the user', () => {
  const problemsOf = (pod: PodProps) => checkInference(decision({ workspace: workspace({ pod }) }));

  test('may be the room to write that the pod has, and no other volume of it', () => {
    const volumes = ['tmp', 'home', 'shm', 'mine'].map((name) => ({ name, emptyDir: {} }));
    expect(problemsOf({ volumes })).toEqual([]);
    expect(problemsOf({ volumes: [...volumes, { name: 'weights', emptyDir: {} }] })).toMatchObject([
      { severity: 'error', code: 'volume-name-taken', field: 'pod.volumes[4].name' },
    ]);
  });

  test('is not mounted where the pod has something that it needs', () => {
    const volumes = [{ name: 'mine', emptyDir: {} }];
    const mountedAt = (...paths: string[]) =>
      problemsOf({ volumes, volumeMounts: paths.map((mountPath) => ({ name: 'mine', mountPath })) });
    expect(mountedAt('/tmp', '/mnt/mine', '/workspace/weights/more')).toEqual([]);
    expect(mountedAt('/mnt/mine', '/workspace/weights/')).toMatchObject([
      { code: 'mount-path-taken', field: 'pod.volumeMounts[1].mountPath' },
    ]);
  });

  test('is named where the cluster says it for all', () => {
    const pod = { volumes: [{ name: 'weights', emptyDir: {} }] };
    const given = decision({ cluster: cluster({ defaults: { ...cluster().defaults, pod } }) });
    expect(checkInference(given)).toMatchObject([
      { code: 'volume-name-taken', field: 'defaults.pod.volumes[0].name' },
    ]);
  });

  test('is left alone in a tuning Job as well', () => {
    const pod = { volumes: ['results', 'data', 'config'].map((name) => ({ name, emptyDir: {} })) };
    const tuning = {
      preset: { name: 'phi-4-mini-instruct', modelAccessSecret: null, imagePullSecrets: [] },
      method: 'lora' as const,
      config: null,
      weights: { from: 'download' as const },
      input: { urls: ['https://data.example.com/a.jsonl'] },
      output: { image: 'registry.example.com/a:1', imagePushSecret: 'push' },
    };
    const given = workspace({ pod, inference: null, tuning });
    expect(checkTuning(decision({ workspace: given })).map(({ code }) => code)).toEqual([
      'volume-name-taken',
      'volume-name-taken',
      'volume-name-taken',
    ]);
  });
});

test('what Flux would replace is an error that says where it is', () => {
  const pod = { env: [{ name: 'PROMPT', value: 'hello ${NAME}' }] };
  expect(checkInference(decision({ workspace: workspace({ pod }) }))).toMatchObject([
    {
      severity: 'error',
      code: 'flux-substitution',
      field: expect.stringMatching(/^pod\.containers\[0\]\.env/) as string,
    },
  ]);
  const config = { vllm: { 'chat-template': '${x}' } };
  expect(codes(decision({ workspace: workspace({ inference: inference({ config }) }) }))).toEqual([
    'flux-substitution',
  ]);
});

test('labels that are left out are warned about, where they were written', () => {
  const given = decision({
    workspace: workspace({ labels: { 'app.kubernetes.io/instance': 'x' } }),
    cluster: cluster({ defaults: { ...cluster().defaults, labels: { 'kaito.sh/x': 'y' } } }),
  });
  expect(checkInference(given)).toMatchObject([
    { severity: 'warning', code: 'reserved-label', field: 'metadata.labels["app.kubernetes.io/instance"]' },
    { severity: 'warning', code: 'reserved-label', field: 'defaults.labels["kaito.sh/x"]' },
  ]);
});

test('a sidecar that loosens the security of the pod is warned about', () => {
  const sidecars = [{ name: 'debug', image: 'example.com/debug:1', securityContext: { privileged: true } }];
  expect(checkInference(decision({ workspace: workspace({ pod: { sidecars } }) }))).toMatchObject([
    {
      severity: 'warning',
      code: 'pod-security-deviation',
      message: 'container debug is privileged, which the restricted Pod Security Standard forbids',
    },
  ]);
});

test('a load balancer is warned about', () => {
  expect(codes(decision({ workspace: workspace({ service: { type: 'LoadBalancer' } }) }))).toEqual([
    'public-endpoint',
  ]);
});

test('groups need a cluster that labels pods with their index', () => {
  const old = cluster({ kubernetesVersion: '1.27' });
  expect(codes(groupDecision({ cluster: old }))).toEqual(['kubernetes-too-old']);
  expect(codes(decision({ cluster: old }))).toEqual([]);
});

test('all problems are found in one run', () => {
  const given = decision({
    placement: placement({ machine: { ...machine(), nvmeBytes: null } }),
    workspace: workspace({
      inference: inference({
        config: { vllm: { port: 1 } },
        weights: { from: 'download', volume: 'nvme' },
        image: { kind: 'vllm' },
        runtime: 'transformers',
      }),
    }),
  });
  expect(codes(given)).toEqual(['nvme-too-small', 'option-decided-elsewhere', 'image-without-runtime']);
});
