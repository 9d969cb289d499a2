import { checkInference } from '../../src/workload';
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
