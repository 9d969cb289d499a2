import { parse } from 'yaml';
import {
  Cluster,
  Fleet,
  InvalidInputError,
  Workspace,
  type ClusterProps,
  type PresetInferenceProps,
  type Problem,
  type WeightsProps,
} from '../../src';

const FILES: WeightsProps = { from: 'sharedPvc', storageClassName: 'files' };
const REPOSITORY = { url: 'https://git.example.com/fleet.git' };

function serving(weights: WeightsProps, changes: Partial<PresetInferenceProps> = {}) {
  return {
    namespace: 'chat',
    resource: { instanceType: 'Standard_NC24ads_A100_v4' },
    inference: { preset: { name: 'phi-4-mini-instruct' }, weights, ...changes },
  };
}

function render(props: ClusterProps, make: (cluster: Cluster) => void) {
  const fleet = new Fleet({ repository: REPOSITORY });
  make(new Cluster(fleet, 'prod', props));
  return fleet.render();
}

function problemsOf(make: (cluster: Cluster) => void): readonly Problem[] {
  try {
    return render({}, make).problems;
  } catch (error) {
    if (error instanceof InvalidInputError) return error.problems;
    throw error;
  }
}

function pathsOf(tree: ReadonlyMap<string, string>, kind: string): string[] {
  return [...tree.keys()].filter((path) => path.split('/').at(-1)?.startsWith(`${kind}-`) === true);
}

test('Workspaces of a namespace share one claim and one Job, in a folder of their own', () => {
  const { tree } = render({ gitOps: 'flux' }, (cluster) => {
    new Workspace(cluster, 'one', serving(FILES));
    new Workspace(cluster, 'two', serving(FILES, { image: 'vllm' }));
    new Workspace(cluster, 'elsewhere', { ...serving(FILES), namespace: 'search' });
  });
  expect(pathsOf(tree, 'persistentvolumeclaim')).toEqual([
    expect.stringMatching(/^prod\/chat\/weights-phi-4-mini-instruct-[0-9a-f]{8}\//),
    expect.stringMatching(/^prod\/search\/weights-phi-4-mini-instruct-[0-9a-f]{8}\//),
  ]);
  expect(pathsOf(tree, 'job')).toHaveLength(2);
});

test('a Workspace that joins or leaves changes no file of another', () => {
  const alone = render({}, (cluster) => {
    new Workspace(cluster, 'one', serving(FILES));
  }).tree;
  const both = render({}, (cluster) => {
    new Workspace(cluster, 'another', serving({ ...FILES, sizeGiB: 500 }));
    new Workspace(cluster, 'one', serving(FILES));
  }).tree;
  const own = [...alone].filter(([path]) => path.startsWith('prod/chat/one/') || path.includes('chat--one'));
  expect(own.length).toBeGreaterThan(5);
  for (const [path, content] of own) expect([path, both.get(path)]).toEqual([path, content]);
});

test('Flux applies the claim and its Job first, and nobody else waits for them', () => {
  const { tree } = render({ gitOps: 'flux' }, (cluster) => {
    new Workspace(cluster, 'one', serving(FILES));
    new Workspace(cluster, 'other', serving({ from: 'download' }));
  });
  const dependencies = (name: string) => {
    const text = tree.get(`prod/flux/kustomization-${name}.yaml`) ?? '';
    const { spec } = parse(text) as { spec: { dependsOn?: { name: string }[] } };
    return spec.dependsOn?.map((each) => each.name);
  };
  const [claim] = pathsOf(tree, 'persistentvolumeclaim');
  const folder = claim?.split('/')[2] ?? '';
  expect(dependencies('chat--one')).toEqual([`chat--${folder}`, 'platform']);
  expect(dependencies(`chat--${folder}`)).toEqual(['platform']);
  expect(dependencies('chat--other')).toEqual(['platform']);
});

test('Argo CD orders by the gate, and asks before it prunes the claim', () => {
  const { tree } = render({ gitOps: 'argocd' }, (cluster) => {
    new Workspace(cluster, 'one', serving(FILES));
  });
  const gate = pathsOf(tree, 'job').find((path) => path.startsWith('prod/chat/one/')) ?? '';
  expect(tree.get(gate)).toContain('argocd.argoproj.io/sync-wave: "-5"');
  const claim = tree.get(pathsOf(tree, 'persistentvolumeclaim')[0] ?? '');
  expect(claim).toContain('Prune=confirm,Delete=false');
  // In the wave of the Job that it waits for.
  expect(claim).not.toContain('sync-wave');
});

test('two names for one token are told with the place of the second', () => {
  const gated = (secret: string) => ({
    ...serving(FILES),
    inference: {
      preset: { name: 'llama-3.1-8b-instruct', presetOptions: { modelAccessSecret: secret } },
      weights: FILES,
    },
  });
  const problems = problemsOf((cluster) => {
    new Workspace(cluster, 'one', gated('hf'));
    new Workspace(cluster, 'two', gated('token'));
  });
  expect(problems).toMatchObject([
    { severity: 'error', code: 'shared-weights-differ', position: { construct: 'prod/two' } },
  ]);
});

test('a gated model on a shared volume needs a token for its Job, and none where an artifact fills it', () => {
  const llama = { preset: { name: 'llama-3.1-8b-instruct' } };
  const reference = `registry.example.com/llama@sha256:${'0'.repeat(64)}`;
  expect(
    problemsOf((cluster) => new Workspace(cluster, 'one', serving(FILES, llama))).map(({ code }) => code),
  ).toEqual(['gated-model-without-token']);
  expect(
    problemsOf((cluster) => new Workspace(cluster, 'one', serving({ ...FILES, reference }, llama))),
  ).toEqual([]);
});

test('the licence counts wherever the weights come from', () => {
  const sources: readonly WeightsProps[] = [FILES, { from: 'image' }, { from: 'pvc', claimName: 'a' }];
  for (const weights of sources) {
    const fleet = new Fleet();
    const cluster = new Cluster(fleet, 'prod', { allowedLicenses: ['apache-2.0'] });
    new Workspace(cluster, 'one', serving(weights));
    expect(() => fleet.render()).toThrow(InvalidInputError);
  }
});

test('tuning reads the shared volume that serving reads', () => {
  const { tree } = render({}, (cluster) => {
    new Workspace(cluster, 'one', serving(FILES));
    new Workspace(cluster, 'trained', {
      namespace: 'chat',
      tuning: {
        preset: { name: 'phi-4-mini-instruct' },
        weights: FILES,
        input: { urls: ['https://data.example.com/rows.jsonl'] },
        output: { image: 'registry.example.com/a:1', imagePushSecret: 'push' },
      },
    });
  });
  expect(pathsOf(tree, 'persistentvolumeclaim')).toHaveLength(1);
  const config = [...tree].find(([path]) => path.startsWith('prod/chat/trained/configmap-'))?.[1];
  expect(config).toContain('pretrained_model_name_or_path: /workspace/weights');
  expect(config).not.toContain('revision');
});

test('a folder of the nodes becomes a volume in the platform folder, kept when its Workspace goes', () => {
  const { tree } = render(
    { nodeProvisioning: { kind: 'karpenter', nodeClass: { name: 'mine' } } },
    (cluster) => {
      new Workspace(cluster, 'one', serving({ from: 'node', path: '/models/phi' }));
    },
  );
  const volume = tree.get('prod/platform/persistentvolume-chat--one-weights.yaml');
  expect(volume).toContain('Prune=false,Delete=false');
  expect(volume).toContain('path: /models/phi');
  expect(tree.get('prod/argocd/appproject-prod.yaml')).toContain('kind: PersistentVolume\n');
  expect(tree.has('prod/chat/one/persistentvolumeclaim-one-weights.yaml')).toBe(true);
});
