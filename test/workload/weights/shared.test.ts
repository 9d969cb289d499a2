import fc from 'fast-check';
import type { Job } from 'kubernetes-types/batch/v1';
import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1';
import type { NetworkPolicy } from 'kubernetes-types/networking/v1';
import type { SharedWeights } from '../../../src/spec/weights';
import { checkInference, checkShared, sharedRequest, synthesizeShared } from '../../../src/workload';
import type { Decision } from '../../../src/workload/decision';
import type { SharedRequest } from '../../../src/workload';
import { restrictedViolations } from '../../../src/workload/pod-security';
import { cluster, inference, model, objectsOf, only, podOf, workspace } from '../fixtures';
import { having, OWN, render } from './sources';

const SHARED: SharedWeights = { from: 'sharedPvc', storageClassName: 'files' };

function named(name: string, weights: SharedWeights = SHARED, changes: Partial<Decision> = {}): Decision {
  return having(weights, { workspace: workspace({ name, inference: inference({ weights }) }), ...changes });
}

function requestOf(given: Decision): SharedRequest {
  const request = sharedRequest(given);
  if (request === null) throw new Error('shares nothing');
  return request;
}

function shared(...decisions: readonly Decision[]) {
  return objectsOf((chart) => {
    synthesizeShared(chart, decisions.map(requestOf));
  });
}

function claimOf(...decisions: readonly Decision[]): PersistentVolumeClaim {
  return only(shared(...decisions), 'PersistentVolumeClaim') as PersistentVolumeClaim;
}

function jobOf(...decisions: readonly Decision[]): Job {
  return only(shared(...decisions), 'Job') as Job;
}

test('the claim can be written by a Job and read by pods on many nodes, and holds the download', () => {
  expect(claimOf(named('chat')).spec).toEqual({
    accessModes: ['ReadWriteMany'],
    resources: { requests: { storage: '9Gi' } },
    storageClassName: 'files',
    volumeMode: 'Filesystem',
  });
});

test('the Job downloads the pinned revision, on a node without a GPU, and is never started again by the engine', () => {
  const job = jobOf(named('chat'));
  const pod = job.spec?.template.spec;
  expect(pod?.containers[0]).toMatchObject({
    args: [
      'fetch',
      'hub',
      'microsoft/Phi-3-mini-4k-instruct',
      '--revision=0a67737cc96d2554230f90338b163bc6380a2a85',
      '--into=/mnt/weights',
    ],
  });
  expect(pod?.nodeSelector).toBeUndefined();
  expect(JSON.stringify(pod?.affinity)).toContain(
    '{"key":"nvidia.com/gpu.present","operator":"DoesNotExist"}',
  );
  expect(JSON.stringify(pod?.containers)).not.toContain('nvidia.com/gpu');
  expect(job.spec).not.toHaveProperty('ttlSecondsAfterFinished');
  expect(job.spec?.podFailurePolicy?.rules).toContainEqual({
    action: 'FailJob',
    onExitCodes: { operator: 'In', values: [2, 3] },
  });
});

test('its name holds a hash of all it does, since a Job cannot be changed', () => {
  const plain = jobOf(named('chat'));
  const mirrored = jobOf(
    named('chat', SHARED, { cluster: cluster({ imageRegistry: 'mirror.example.com/x' }) }),
  );
  expect(plain.metadata?.name).toMatch(/^weights-phi-3-mini-4k-instruct-[0-9a-f]{8}-[0-9a-f]{8}$/);
  expect(mirrored.metadata?.name).not.toBe(plain.metadata?.name);
});

test("the Job has the cluster's proxy, certificates, tolerations and pull secrets, and nothing of one Workspace", () => {
  const given = named('chat', SHARED, {
    cluster: cluster({
      imagePullSecrets: ['mirror'],
      egress: { httpsProxy: 'http://proxy:3128', caBundle: { configMap: 'ca' } },
      defaults: {
        ...cluster().defaults,
        labels: { team: 'ml' },
        pod: { tolerations: [{ key: 'batch', operator: 'Exists' }] },
      },
    }),
    workspace: workspace({
      labels: { own: 'x' },
      pod: { env: [{ name: 'OWN', value: 'x' }] },
      inference: inference({ weights: SHARED }),
    }),
  });
  const job = jobOf(given);
  const pod = job.spec?.template.spec;
  expect(job.metadata?.labels).toMatchObject({ team: 'ml' });
  expect(pod?.tolerations).toEqual([{ key: 'batch', operator: 'Exists' }]);
  expect(pod?.imagePullSecrets).toEqual([{ name: 'mirror' }]);
  expect(pod?.containers[0]?.env).toContainEqual({ name: 'HTTPS_PROXY', value: 'http://proxy:3128' });
  expect(pod?.volumes).toContainEqual(expect.objectContaining({ name: 'slipway-ca-bundle' }));
  expect(JSON.stringify(job)).not.toMatch(/OWN|"own"/);
});

test('the token of the hub goes to the Job alone: no pod that serves has it', () => {
  const preset = { name: 'llama-3.1-8b-instruct', modelAccessSecret: 'hf', imagePullSecrets: [] };
  const given = named('chat', SHARED, {
    model: model(preset.name),
    workspace: workspace({ inference: inference({ preset, weights: SHARED }) }),
  });
  expect(jobOf(given).spec?.template.spec?.containers[0]?.env).toContainEqual({
    name: 'HF_TOKEN',
    valueFrom: { secretKeyRef: { name: 'hf', key: 'HF_TOKEN' } },
  });
  expect(JSON.stringify(render(given))).not.toContain('HF_TOKEN');
});

test('an artifact fills the volume without the hub, with the secrets of all who name some', () => {
  const from = (secret: string): SharedWeights => ({ ...SHARED, reference: OWN, imagePullSecrets: [secret] });
  const job = jobOf(named('b', from('two')), named('a', from('one')));
  const pod = job.spec?.template.spec;
  expect(pod?.containers[0]?.args).toEqual([
    'fetch',
    'artifact',
    OWN,
    '--into=/mnt/weights',
    '--auth-file=/etc/slipway/registry',
  ]);
  const logins = pod?.volumes?.find(({ name }) => name === 'weights-registry');
  expect(logins?.projected?.sources?.map(({ secret }) => secret?.name)).toEqual(['one', 'two']);
});

test('Workspaces of one model and class share a claim; another revision, source or class is another claim', () => {
  const name = (given: Decision) => requestOf(given).claimName;
  const phi = model();
  expect(name(named('a'))).toBe(name(named('b', { ...SHARED, sizeGiB: 500 })));
  const names = [
    name(named('a')),
    name(named('a', { ...SHARED, storageClassName: 'other' })),
    name(named('a', { ...SHARED, reference: OWN })),
    name(named('a', SHARED, { model: { ...phi, revision: '0'.repeat(40) } })),
    name(named('a', SHARED, { model: model('phi-4') })),
  ];
  expect(new Set(names).size).toBe(names.length);
});

test('names are DNS labels whatever the model is called', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z0-9]([a-z0-9.-]{0,80}[a-z0-9])?$/), (name) => {
      const given = named('chat', SHARED, { model: { ...model(), name } });
      for (const { metadata } of shared(given)) {
        expect(metadata.name).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
      }
    }),
  );
});

test('the largest size counts, and objects do not depend on the order of the Workspaces', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(
        fc.record({ name: fc.stringMatching(/^[a-z]{3,6}$/), size: fc.integer({ min: 9, max: 999 }) }),
        {
          selector: ({ name }) => name,
          minLength: 1,
          maxLength: 5,
        },
      ),
      (users) => {
        const decisions = users.map(({ name, size }) => named(name, { ...SHARED, sizeGiB: size }));
        expect(shared(...decisions)).toEqual(shared(...decisions.toReversed()));
        const most = Math.max(...users.map(({ size }) => size));
        expect(claimOf(...decisions).spec?.resources?.requests?.['storage']).toBe(`${most}Gi`);
      },
    ),
  );
});

test('a size that does not hold the download is refused with the one that does', () => {
  expect(checkInference(named('chat', { ...SHARED, sizeGiB: 5 }))).toMatchObject([
    { code: 'volume-too-small', field: 'inference.weights.sizeGiB', allowed: 'at least 9' },
  ]);
  expect(checkInference(named('chat', { ...SHARED, sizeGiB: 9 }))).toEqual([]);
});

test('who shares must name the same token', () => {
  const other = named('b');
  const secret = { ...requestOf(other), tokenSecret: 'mine' };
  expect(checkShared([requestOf(named('a')), secret])).toMatchObject([
    { code: 'shared-weights-differ', message: expect.stringContaining('none and mine') as string },
  ]);
  expect(checkShared([secret, { ...secret, workspace: workspace({ name: 'c' }) }])).toEqual([]);
});

test('a pod waits for the mark of the download before its server starts, and reads only', () => {
  const objects = render(named('chat'));
  const { claimName } = requestOf(named('chat'));
  expect(podOf(objects).initContainers).toMatchObject([
    {
      name: 'wait-for-weights',
      args: ['wait', 'weights', '/mnt/weights', '--wait-seconds=3600'],
      volumeMounts: [{ name: 'weights', readOnly: true }, { name: 'tmp' }],
    },
  ]);
  expect(podOf(objects).volumes).toContainEqual({
    name: 'weights',
    persistentVolumeClaim: { claimName, readOnly: true },
  });
});

test('Argo CD waits in the wave before the pods, so that nothing that serves is touched while weights come', () => {
  const gate = only(render(named('chat')), 'Job') as Job;
  const { claimName } = requestOf(named('chat'));
  expect(gate.metadata?.annotations).toEqual({ 'argocd.argoproj.io/sync-wave': '-5' });
  expect(gate.metadata?.labels).toMatchObject({
    'slipway.dev/workspace': 'chat',
    'slipway.dev/weights': claimName,
  });
  const pod = gate.spec?.template.spec;
  expect(pod?.volumes?.[0]?.persistentVolumeClaim).toEqual({ claimName, readOnly: true });
  expect(JSON.stringify(pod?.containers)).not.toContain('nvidia.com/gpu');
  expect(gate.spec?.activeDeadlineSeconds).toBeGreaterThan(3600);
  // Its pod is none of the Workspace's: no Service sends it requests.
  expect(gate.spec?.template.metadata?.labels).not.toHaveProperty('slipway.dev/workspace');
});

test('Flux needs no gate: it applies the folder of the claim first', () => {
  const objects = render(named('chat', SHARED, { cluster: cluster({ gitOps: 'flux' }) }));
  expect(objects.filter(({ kind }) => kind === 'Job')).toEqual([]);
});

test('nobody calls the pods; what they may reach follows from the cluster and from where the weights are', () => {
  const policyOf = (weights: SharedWeights, network?: { destinations: [] }) => {
    const given = cluster({ defaults: { ...cluster().defaults, ...(network !== undefined && { network }) } });
    return (only(shared(named('chat', weights, { cluster: given })), 'NetworkPolicy') as NetworkPolicy).spec;
  };
  const { claimName } = requestOf(named('chat'));
  expect(policyOf(SHARED)).toEqual({
    podSelector: { matchLabels: { 'slipway.dev/weights': claimName } },
    policyTypes: ['Ingress'],
  });
  const ports = (weights: SharedWeights) =>
    policyOf(weights, { destinations: [] })?.egress?.flatMap((rule) => rule.ports?.map(({ port }) => port));
  expect(ports(SHARED)).toEqual([53, 53, 443]);
  expect(ports({ ...SHARED, reference: `registry.example.com:5000/w@${OWN.split('@')[1]}` })).toEqual([
    53, 53, 5000,
  ]);
});

test('Cilium holds the hosts of the download by name', () => {
  const given = cluster({
    networkPolicy: 'cilium',
    defaults: { ...cluster().defaults, network: { destinations: [] } },
  });
  const policy = only(shared(named('chat', SHARED, { cluster: given })), 'CiliumNetworkPolicy');
  expect(policy.metadata.name).toMatch(/^weights-.*-hosts$/);
  expect(JSON.stringify(policy['spec'])).toContain('{"matchName":"huggingface.co"}');
});

test('pods of Job and gate pass the restricted standard', () => {
  const jobs = [jobOf(named('chat')), only(render(named('chat')), 'Job') as Job];
  for (const { spec } of jobs)
    expect(restrictedViolations(spec?.template.spec ?? { containers: [] })).toEqual([]);
});
