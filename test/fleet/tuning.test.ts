import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Deployment } from 'kubernetes-types/apps/v1';
import { parse } from 'yaml';
import {
  Cluster,
  Fleet,
  InvalidInputError,
  Workspace,
  type Problem,
  type AdapterSourceProps,
  type TuningProps,
  type WorkspaceProps,
} from '../../src';
import { summaryTable } from '../../src/fleet/report';

const PRESET = { name: 'phi-4-mini-instruct' };
const tuned: WorkspaceProps & { readonly tuning: TuningProps } = {
  tuning: {
    preset: PRESET,
    method: 'qlora',
    input: { urls: ['https://example.com/rows.jsonl'] },
    output: { image: 'example.com/adapters/support:1', imagePushSecret: 'push' },
  },
};
const onVolume = { persistentVolumeClaim: { claimName: 'adapters' } };

function tuningWith(changes: Partial<TuningProps>): WorkspaceProps {
  return { ...tuned, tuning: { ...tuned.tuning, ...changes } };
}

function servedWith(
  tuning: string | Workspace,
  changes: Pick<WorkspaceProps, 'namespace'> = {},
): WorkspaceProps {
  return {
    resource: { instanceType: 'Standard_NC24ads_A100_v4' },
    inference: { preset: PRESET, adapters: [{ source: { name: 'support', tuning } }] },
    ...changes,
  };
}

function render(make: (cluster: Cluster) => void) {
  const fleet = new Fleet();
  make(new Cluster(fleet, 'prod'));
  return fleet.render();
}

function problemsOf(make: (cluster: Cluster) => void): readonly Problem[] {
  try {
    return render(make).problems;
  } catch (error) {
    if (error instanceof InvalidInputError) return error.problems;
    throw error;
  }
}

function server(tree: ReadonlyMap<string, string>) {
  const pod = (parse(tree.get('prod/default/chat/deployment-chat.yaml') ?? '') as Deployment).spec?.template
    .spec;
  return { init: pod?.initContainers ?? [], volumes: pod?.volumes ?? [] };
}

test('fine-tuning is a Job on the cheapest node that holds it, which goes away afterwards', () => {
  const { tree, decisions } = render((cluster) => new Workspace(cluster, 'tune', tuned));
  const files = [...tree.keys()].map((path) => path.replace(/-[0-9a-f]{8}\.yaml$/, '-<hash>.yaml'));
  expect(files).toContain('prod/default/tune/job-tune-<hash>.yaml');
  const pool = parse(tree.get('prod/platform/nodepool-default--tune.yaml') ?? '') as {
    spec: { disruption: unknown };
  };
  expect(pool.spec.disruption).toMatchObject({ consolidationPolicy: 'WhenEmpty', consolidateAfter: '5m' });
  expect(decisions[0]?.placement).toMatchObject({ nodes: 1, maxContext: 1024 });
  expect(summaryTable(decisions, false)).toMatch(/prod\/default\/tune +phi-4-mini-instruct +Standard_/);
});

test('a machine type on which it does not fit is refused, with what is missing and one that does', () => {
  const [problem] = problemsOf((cluster) => {
    new Workspace(cluster, 'tune', {
      ...tuningWith({ preset: { name: 'qwen2.5-coder-32b-instruct' }, method: 'lora' }),
      resource: { instanceType: 'Standard_NV36ads_A10_v5' },
    });
  });
  expect(problem).toMatchObject({ code: 'weights-too-large', field: 'resource.instanceType' });
  expect(problem?.message).toMatch(/needs [\d.]+ GiB more on each GPU/);
  expect(problem?.next).toMatch(/^smallest current type that fits: Standard_/);
});

test('a machine type of a rejected Workspace is compared with what fine-tuning needs', () => {
  const next = (method: 'lora' | 'qlora'): string | undefined =>
    problemsOf((cluster) => {
      new Workspace(cluster, 'tune', {
        ...tuningWith({ preset: { name: 'qwen2.5-coder-32b-instruct' }, method }),
        resource: { instanceType: 'Standard_NC6s_v3', count: 0 },
      });
    }).find(({ field }) => field === 'resource.instanceType')?.next;
  // Serving would fit on one NC40ads_H100_v5 with a context of tens of thousands of tokens.
  expect(next('qlora')).toMatch(/^smallest current type that fits: Standard_\w+ \(context 1024,/);
  expect(next('lora')).toMatch(/^smallest current type that fits: Standard_\w+ \(context 1024,/);
  expect(next('lora')).not.toBe(next('qlora'));
});

test.each([
  ['model-not-tunable', 'tuning.preset.name', { preset: { name: 'llama-3.1-8b-instruct' } }],
  ['missing-field', 'tuning.output.imagePushSecret', { output: { image: 'example.com/a:1' } }],
  [
    'invalid-path',
    'tuning.config.training_config.TrainingArguments.output_dir',
    { config: { training_config: { TrainingArguments: { output_dir: '/mnt/data/out' } } } },
  ],
  [
    'unknown-training-option',
    'tuning.config.training_config.LoraConfig.rank',
    { config: { training_config: { LoraConfig: { rank: 8 } } } },
  ],
  [
    'context-too-long',
    'resource.instanceType',
    { config: { training_config: { TrainingArguments: { max_length: 1_000_000 } } } },
  ],
])('%s is an error', (code, field, changes) => {
  const problems = problemsOf((cluster) => {
    new Workspace(cluster, 'tune', {
      ...tuningWith(changes as Partial<TuningProps>),
      resource: { instanceType: 'Standard_NC24ads_A100_v4' },
    });
  });
  expect(problems).toEqual(expect.arrayContaining([expect.objectContaining({ code, field })]));
});

test('a method that there is not is an error', () => {
  const given: unknown = { ...tuned.tuning, method: 'QLORA' };
  const problems = problemsOf((cluster) => {
    new Workspace(cluster, 'tune', { tuning: given as TuningProps });
  });
  expect(problems).toMatchObject([{ severity: 'error', field: 'tuning.method' }]);
});

test('an adapter may be the output of another Workspace, named or given, before or after it', () => {
  const orders: ((cluster: Cluster) => void)[] = [
    (cluster) => {
      const maker = new Workspace(cluster, 'tune', tuned);
      expect(new Workspace(cluster, 'chat', servedWith(maker)).decision).not.toBeNull();
    },
    (cluster) => {
      new Workspace(cluster, 'tune', tuned);
      new Workspace(cluster, 'chat', servedWith('tune'));
    },
    (cluster) => {
      new Workspace(cluster, 'chat', servedWith('default/tune'));
      new Workspace(cluster, 'tune', tuned);
    },
  ];
  const trees = orders.map((make) => [...render(make).tree]);
  expect(trees[1]).toEqual(trees[0]);
  expect(trees[2]).toEqual(trees[0]);
  const { init, volumes } = server(new Map(trees[0]));
  expect(init[0]?.args?.slice(0, 3)).toEqual(['fetch', 'image', 'example.com/adapters/support:1']);
  expect(volumes).toContainEqual({
    name: 'adapter-registry-support',
    projected: {
      sources: [{ secret: { name: 'push', items: [{ key: '.dockerconfigjson', path: 'push.json' }] } }],
    },
  });
});

test('YAML says it with a field of its own, and gives the same bytes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-'));
  const document = (name: string, body: object) =>
    JSON.stringify({ apiVersion: 'slipway.dev/v1alpha1', kind: 'Workspace', metadata: { name }, ...body });
  const file = join(folder, 'both.yaml');
  writeFileSync(file, [document('chat', servedWith('tune')), document('tune', tuned)].join('\n---\n'));
  const fromYaml = render((cluster) => Workspace.fromYaml(cluster, file));
  const fromProps = render((cluster) => {
    const maker = new Workspace(cluster, 'tune', tuned);
    new Workspace(cluster, 'chat', servedWith(maker));
  });
  rmSync(folder, { recursive: true });
  expect([...fromYaml.tree]).toEqual([...fromProps.tree]);
});

test('an adapter on a volume is mounted', () => {
  const { tree } = render((cluster) => {
    const maker = new Workspace(cluster, 'tune', tuningWith({ output: { volumeSource: onVolume } }));
    new Workspace(cluster, 'chat', servedWith(maker));
  });
  expect(server(tree).volumes).toContainEqual({ name: 'adapter-support', ...onVolume });
});

test('the rank that is trained is the rank that is reserved for', () => {
  const adapters = (r: number) => {
    const { decisions } = render((cluster) => {
      const config = { training_config: { LoraConfig: { r } } };
      const maker = new Workspace(cluster, 'tune', tuningWith({ config }));
      new Workspace(cluster, 'chat', servedWith(maker));
    });
    return decisions[1]?.placement.ledger.find(({ item }) => item === 'adapters')?.bytes ?? 0;
  };
  expect(adapters(64)).toBe(4 * adapters(16));
});

const FAULTS: readonly [string, WorkspaceProps, WorkspaceProps][] = [
  ['unknown-workspace', tuned, servedWith('tuned')],
  ['unknown-workspace', { ...tuned, namespace: 'elsewhere' }, servedWith('tune')],
  ['not-a-tuning-workspace', { inference: { preset: PRESET } }, servedWith('tune')],
  ['adapter-of-another-model', tuningWith({ preset: { name: 'phi-4' } }), servedWith('tune')],
  [
    'adapter-of-another-revision',
    tuningWith({ config: { training_config: { ModelConfig: { revision: 'main' } } } }),
    servedWith('tune'),
  ],
  [
    'adapter-on-short-lived-volume',
    tuningWith({ output: { volumeSource: { emptyDir: {} } } }),
    servedWith('tune'),
  ],
  [
    'adapter-in-another-namespace',
    { ...tuningWith({ output: { volumeSource: onVolume } }), namespace: 'elsewhere' },
    servedWith('elsewhere/tune'),
  ],
];

test.each(FAULTS)('%s is an error where the adapter is named', (code, maker, server_) => {
  const problems = problemsOf((cluster) => {
    new Workspace(cluster, 'tune', maker);
    new Workspace(cluster, 'chat', server_);
  });
  expect(problems).toMatchObject([{ severity: 'error', code, field: 'inference.adapters[0].source.tuning' }]);
  expect(problems[0]?.position).toEqual({ construct: 'prod/chat' });
});

test.each([
  ['invalid-name', { name: 'support', tuning: 'a/b/c' }],
  ['contradiction', { name: 'support', tuning: 'tune', image: 'example.com/a:1' }],
])('%s of the reference is an error', (code, source) => {
  const problems = problemsOf((cluster) => {
    new Workspace(cluster, 'tune', tuned);
    new Workspace(cluster, 'chat', {
      inference: { preset: PRESET, adapters: [{ source: source as AdapterSourceProps }] },
    });
  });
  expect(problems).toMatchObject([{ severity: 'error', code }]);
});

test('errors of the tuning Workspace are not repeated where its adapter is served', () => {
  const unpushed: unknown = { output: { image: 'example.com/a:1' } };
  const problems = problemsOf((cluster) => {
    const maker = new Workspace(cluster, 'tune', tuningWith(unpushed as Partial<TuningProps>));
    new Workspace(cluster, 'chat', servedWith(maker));
  });
  expect(problems).toMatchObject([{ field: 'tuning.output.imagePushSecret' }]);
});
