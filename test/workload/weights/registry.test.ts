import { checkInference, diskBytesOf } from '../../../src/workload';
import type { ImageWeights } from '../../../src/spec/weights';
import { cluster, inference, machine, model, only, placement, podOf, serverOf, workspace } from '../fixtures';
import { DIGEST, having, OWN, render } from './sources';

const GIB = 1024 ** 3;
const PUBLIC = 'mcr.microsoft.com/aks/kaito/kaito-phi-3-mini-4k-instruct:0.2.0';
const FOLDER: ImageWeights = { from: 'image', format: 'image', reference: OWN };

function argsOf(weights: ImageWeights, kubernetesVersion = '1.32'): readonly string[] | undefined {
  const objects = render(having(weights, { cluster: cluster({ kubernetesVersion }) }));
  return podOf(objects).initContainers?.[0]?.args;
}

test('the public artifact of a model needs no name, and is pulled before the server starts', () => {
  const objects = render(having({ from: 'image' }));
  expect(podOf(objects).initContainers).toMatchObject([
    {
      name: 'fetch-weights',
      image: 'ghcr.io/slipway-dev/runtime:0.1.0',
      args: ['fetch', 'artifact', PUBLIC, '--into=/mnt/weights'],
      volumeMounts: [{ name: 'weights', mountPath: '/mnt/weights' }, { name: 'tmp' }],
      terminationMessagePolicy: 'FallbackToLogsOnError',
    },
  ]);
  expect(podOf(objects).volumes).toContainEqual({ name: 'weights', emptyDir: { sizeLimit: '9Gi' } });
  expect(JSON.stringify(only(objects, 'ConfigMap')['data'])).toContain('model: /workspace/weights\\n');
  expect(JSON.stringify(only(objects, 'ConfigMap')['data'])).not.toContain('revision');
});

test('what a step has pulled is read-only to the server, which asks nothing of the hub', () => {
  const server = serverOf(render(having({ from: 'image' })));
  expect(server.volumeMounts).toContainEqual({
    name: 'weights',
    mountPath: '/workspace/weights',
    readOnly: true,
  });
  expect(server.env).toContainEqual({ name: 'HF_HUB_OFFLINE', value: '1' });
});

test("an artifact of one's own is pulled with its secrets, and may hold the model in a folder", () => {
  const given = having({ from: 'image', reference: OWN, path: '/phi/', imagePullSecrets: ['registry'] });
  const objects = render(given);
  expect(podOf(objects).initContainers?.[0]?.args).toEqual([
    'fetch',
    'artifact',
    OWN,
    '--into=/mnt/weights',
    '--auth-file=/etc/slipway/registry',
  ]);
  expect(podOf(objects).volumes).toContainEqual({
    name: 'weights-registry',
    projected: {
      sources: [
        { secret: { name: 'registry', items: [{ key: '.dockerconfigjson', path: 'registry.json' }] } },
      ],
    },
  });
  expect(JSON.stringify(only(objects, 'ConfigMap')['data'])).toContain('model: /workspace/weights/phi\\n');
});

test('the disk has room for packed layers beside their files, unless the artifact is known to hold plain files', () => {
  const known = having({ from: 'image' });
  const own = having({ from: 'image', reference: OWN });
  const request = (given: typeof own) => serverOf(render(given)).resources?.requests?.['ephemeral-storage'];
  expect([request(known), request(own)]).toEqual(['24Gi', '32Gi']);
  expect(diskBytesOf(own)).toBeGreaterThanOrEqual(diskBytesOf(known));
});

test('a folder of a container image is pulled by a step, for the architecture of the node', () => {
  expect(argsOf(FOLDER)).toEqual([
    'fetch',
    'image',
    OWN,
    '--path=models',
    '--architecture=amd64',
    '--into=/mnt/weights',
  ]);
  expect(argsOf({ ...FOLDER, path: '/' })).toContain('--path=');
});

test('from Kubernetes 1.35 the kubelet mounts it: no step, no ephemeral storage, and twice its size on the disk', () => {
  const given = having(
    { ...FOLDER, imagePullSecrets: ['registry'] },
    { cluster: cluster({ kubernetesVersion: '1.35' }), model: { ...model(), downloadBytes: 100 * GIB } },
  );
  const objects = render(given);
  expect(podOf(objects).initContainers).toBeUndefined();
  expect(podOf(objects).volumes).toContainEqual({
    name: 'weights',
    image: { reference: OWN, pullPolicy: 'IfNotPresent' },
  });
  expect(serverOf(objects).volumeMounts).toContainEqual({
    name: 'weights',
    mountPath: '/workspace/weights',
    subPath: 'models',
    readOnly: true,
  });
  expect(podOf(objects).imagePullSecrets).toEqual([{ name: 'registry' }]);
  expect(serverOf(objects).resources?.requests?.['ephemeral-storage']).toBe('15Gi');
  expect(0.85 * diskBytesOf(given)).toBeGreaterThanOrEqual((15 + 40 + 200) * GIB);
});

test('a step can be asked for where images can be mounted, also onto NVMe', () => {
  expect(argsOf({ ...FOLDER, mount: 'step' }, '1.35')).toContain(OWN);
  expect(argsOf({ ...FOLDER, volume: 'nvme' }, '1.35')).toContain(OWN);
});

test('NVMe has to have room for what the step unpacks', () => {
  const small = placement({ machine: { ...machine(), nvmeBytes: 12 * GIB } });
  const given = having({ from: 'image', reference: OWN, volume: 'nvme' }, { placement: small });
  expect(checkInference(given)).toMatchObject([
    { code: 'nvme-too-small', message: expect.stringContaining('the weights need 17 GiB') as string },
  ]);
});

test.each([
  ['1.32', 'error', 'kubernetes-too-old'],
  ['1.33', 'warning', 'needs-feature-gate'],
  ['1.34', 'warning', 'needs-feature-gate'],
])('mounting an image on Kubernetes %s is a(n) %s', (kubernetesVersion, severity, code) => {
  const given = having({ ...FOLDER, mount: 'volume' }, { cluster: cluster({ kubernetesVersion }) });
  expect(checkInference(given)).toMatchObject([{ severity, code, field: 'inference.weights.mount' }]);
});

test('a tag of the user is warned about with the command that prints the digest', () => {
  const given = having({ from: 'image', reference: 'registry.example.com/phi:1' });
  expect(checkInference(given)).toMatchObject([
    {
      severity: 'warning',
      code: 'weights-not-pinned',
      next: 'write the digest that "oras resolve registry.example.com/phi:1" prints',
    },
  ]);
  expect(checkInference(having({ from: 'image', reference: `registry.example.com/phi@${DIGEST}` }))).toEqual(
    [],
  );
});

test('a model without a public artifact says what its user has to provide', () => {
  const llama = { name: 'llama-3.1-8b-instruct', modelAccessSecret: null, imagePullSecrets: [] };
  const given = having(
    { from: 'image' },
    {
      model: model(llama.name),
      workspace: workspace({ inference: inference({ preset: llama, weights: { from: 'image' } }) }),
    },
  );
  const [problem, ...more] = checkInference(given);
  expect(more).toEqual([]);
  expect(problem).toMatchObject({
    severity: 'error',
    code: 'no-weights-image',
    field: 'inference.weights.reference',
    message:
      'the catalogue knows no public image with the weights of llama-3.1-8b-instruct (licence llama3.1, access on request)',
  });
  expect(problem?.next).toContain(
    'hf download meta-llama/Llama-3.1-8B-Instruct --revision 0e9e39f249a16976918f6564b8830bc894c89659',
  );
  expect(problem?.next).toContain('oras push <registry>/llama-3.1-8b-instruct:0e9e39f249a1 *');
});
