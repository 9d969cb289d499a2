import { checkInference, reservedLoraRank, synthesizeInference } from '../../src/workload';
import type { AdapterSpec } from '../../src/spec/normal';
import { cluster, decision, inference, objectsOf, podOf, SCHEDULING, serverOf, workspace } from './fixtures';

function render(adapters: readonly AdapterSpec[], kubernetesVersion = '1.32') {
  return objectsOf((chart) => {
    synthesizeInference(
      chart,
      decision({
        cluster: cluster({ kubernetesVersion }),
        workspace: workspace({ inference: inference({ adapters }) }),
      }),
      SCHEDULING,
    );
  });
}

const IMAGE: AdapterSpec = {
  name: 'sql',
  source: { image: 'example.com/adapters/sql:1', imagePullSecrets: ['a', 'b'] },
  strength: null,
};

test('an adapter image is fetched by our runtime image before the server starts', () => {
  const objects = render([IMAGE]);
  const [step] = podOf(objects).initContainers ?? [];
  expect(step).toMatchObject({
    name: 'fetch-sql',
    image: 'ghcr.io/slipway-dev/runtime:0.1.0',
    args: [
      'fetch',
      'image',
      'example.com/adapters/sql:1',
      '--into=/mnt/adapter/sql',
      '--architecture=amd64',
      '--auth-file=/etc/slipway/registry',
    ],
  });
  expect(serverOf(objects).volumeMounts).toContainEqual({
    name: 'adapters',
    mountPath: '/mnt/adapter/sql',
    subPath: 'sql',
    readOnly: true,
  });
});

test('pull secrets are mounted under their own names, so that several registries do not overwrite each other', () => {
  const volume = podOf(render([IMAGE])).volumes?.find(({ name }) => name === 'adapter-registry-sql');
  expect(volume?.projected?.sources).toEqual(
    ['a', 'b'].map((name) => ({
      secret: { name, items: [{ key: '.dockerconfigjson', path: `${name}.json` }] },
    })),
  );
});

test('a cluster that mounts images as volumes needs no init step', () => {
  const objects = render([IMAGE], '1.35');
  const pod = podOf(objects);
  expect(pod.initContainers).toBeUndefined();
  expect(pod.volumes).toContainEqual({
    name: 'adapter-sql',
    image: { reference: 'example.com/adapters/sql:1', pullPolicy: 'IfNotPresent' },
  });
  expect(pod.imagePullSecrets).toEqual([{ name: 'a' }, { name: 'b' }]);
  expect(serverOf(objects).volumeMounts).toContainEqual({
    name: 'adapter-sql',
    mountPath: '/mnt/adapter/sql',
    subPath: 'data',
    readOnly: true,
  });
});

test.each([
  ['vllm', '--max-lora-rank=64'],
  ['kaito', '--max-lora-rank=64'],
] as const)('the image %s is told a rank above the one that vLLM assumes', (kind, flag) => {
  const text = (rank: number | undefined) =>
    JSON.stringify(
      objectsOf((chart) => {
        const adapters = [{ ...IMAGE, ...(rank !== undefined && { rank }) }];
        const of = workspace({ inference: inference({ adapters, image: { kind } }) });
        synthesizeInference(chart, decision({ workspace: of }), SCHEDULING);
      }),
    );
  expect(text(48)).toContain(flag);
  expect(text(undefined)).not.toContain('max-lora-rank');
  expect(text(16)).not.toContain('max-lora-rank');
});

test('memory is reserved for the largest rank, in the steps of vLLM; 16 where nobody said one', () => {
  const rank = (...ranks: (number | undefined)[]) =>
    reservedLoraRank({
      config: null,
      adapters: ranks.map((each) => ({ ...IMAGE, ...(each !== undefined && { rank: each }) })),
    });
  expect([rank(undefined), rank(4), rank(4, undefined), rank(8, 33), rank(320), rank(512)]).toEqual([
    16, 8, 16, 64, 320, 512,
  ]);
  expect(
    reservedLoraRank({ config: { vllm: { 'max-lora-rank': 256 } }, adapters: [{ ...IMAGE, rank: 8 }] }),
  ).toBe(256);
});

test('an adapter on a volume is mounted in its place', () => {
  const objects = render([
    {
      name: 'law',
      source: { volumeSource: { persistentVolumeClaim: { claimName: 'law' } } },
      strength: null,
    },
  ]);
  expect(podOf(objects).volumes).toContainEqual({
    name: 'adapter-law',
    persistentVolumeClaim: { claimName: 'law' },
  });
  expect(serverOf(objects).volumeMounts).toContainEqual({
    name: 'adapter-law',
    mountPath: '/mnt/adapter/law',
    readOnly: true,
  });
});

test('a name that is no DNS label still makes valid volumes and containers', () => {
  const name = `my.adapter.${'x'.repeat(60)}`;
  const pod = podOf(render([{ ...IMAGE, name }]));
  for (const part of [...(pod.initContainers ?? []), ...(pod.volumes ?? [])]) {
    expect(part.name).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
  }
  expect(pod.initContainers?.[0]?.args).toContain(`--into=/mnt/adapter/${name}`);
});

describe('what is asked for', () => {
  const problemsOf = (
    adapters: readonly AdapterSpec[],
    changes: Partial<ReturnType<typeof inference>> = {},
  ) => checkInference(decision({ workspace: workspace({ inference: inference({ adapters, ...changes }) }) }));
  const like = (name: string): AdapterSpec => ({ ...IMAGE, name });

  test('cannot be an adapter with the id of the model, which would answer for it', () => {
    expect(problemsOf([IMAGE, like('phi-3-mini-4k-instruct')])).toMatchObject([
      { severity: 'error', code: 'duplicate-name', field: 'inference.adapters[1].source.name' },
    ]);
    expect(problemsOf([like('chat')], { servedNames: ['model', 'chat'] })).toMatchObject([
      { code: 'duplicate-name' },
    ]);
  });

  test('may be called like the model when it is merged into it', () => {
    const merged = like('phi-3-mini-4k-instruct');
    expect(problemsOf([{ ...merged, strength: 1 }])).toEqual([]);
    const kaito = { image: { kind: 'kaito' as const }, runtime: 'transformers' as const };
    expect(problemsOf([merged], kaito).filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  test('is named where it is a volume that the restricted standard forbids', () => {
    const nfs = { nfs: { server: 'a', path: '/' } };
    const found = problemsOf([IMAGE, { name: 'a.b', source: { volumeSource: nfs }, strength: null }]);
    expect(found).toMatchObject([
      { code: 'pod-security-deviation', field: 'inference.adapters[1].source.volumeSource' },
    ]);
  });

  test('a claim that several pods mount has to allow that', () => {
    const claim = { persistentVolumeClaim: { claimName: 'a', readOnly: true } };
    const mounted: AdapterSpec = { name: 'a', source: { volumeSource: claim }, strength: null };
    expect(problemsOf([mounted])).toEqual([]);
    expect(problemsOf([mounted], { replicas: 2 })).toMatchObject([
      {
        severity: 'warning',
        code: 'claim-shared-by-pods',
        field: 'inference.adapters[0].source.volumeSource',
      },
    ]);
  });
});
