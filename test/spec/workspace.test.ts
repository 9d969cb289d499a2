import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { workspaceFromProps } from '../../src/spec/from-props';
import { kaito, own, readText } from './marked';

const data = (name: string) => readFileSync(join(__dirname, '..', 'data', 'spec', name), 'utf8');

describe('a Workspace', () => {
  it("of KAITO's early documentation is read as it stands", () => {
    const { workspaces, problems } = readText(data('phi-3-seed.yaml'));
    expect(problems).toEqual([]);
    expect(workspaces).toMatchObject([
      {
        name: 'workspace-phi-3-mini',
        namespace: 'default',
        resource: { instanceTypes: ['Standard_NC6s_v3'], matchLabels: { apps: 'phi-3' } },
        inference: { preset: { name: 'phi-3-mini-4k-instruct' }, runtime: 'vllm' },
      },
    ]);
  });

  it('with the adapter of that documentation says what to write', () => {
    const { problems } = readText(data('phi-3-adapter.yaml'));
    expect(problems).toMatchObject([
      {
        code: 'placeholder',
        field: 'inference.adapters[0].source.image',
        position: { line: 16, column: 16 },
      },
    ]);
    const corrected = data('phi-3-adapter.yaml').replace(/ACR_REPO_HERE.*HERE/, 'myrepo.azurecr.io/adapter');
    expect(readText(corrected).workspaces[0]?.inference?.adapters).toEqual([
      {
        name: 'phi-3-adapter',
        source: { name: 'phi-3-adapter', image: 'myrepo.azurecr.io/adapter:0.0.1' },
        strength: 1,
      },
    ]);
  });

  it('of v1alpha1 without a machine has the default of its CRD, and says so', () => {
    const { workspaces, problems } = readText(
      kaito('', 'resource:\n  labelSelector: {matchLabels: {apps: a}}\n').replace('v1beta1', 'v1alpha1'),
    );
    expect(workspaces[0]?.resource.instanceTypes).toEqual(['Standard_NC24ads_A100_v4']);
    expect(problems).toMatchObject([
      {
        code: 'default-machine',
        severity: 'warning',
        field: 'resource.instanceType',
        position: { line: 5, column: 1 },
      },
    ]);
  });

  it('of v1alpha1 without resource has no machine, as the CRD fills in nothing there', () => {
    expect(readText(kaito().replace('v1beta1', 'v1alpha1'))).toMatchObject({
      problems: [],
      workspaces: [{ resource: { instanceTypes: [] } }],
    });
  });

  it('of v1alpha1 may name a token secret, and hears that the field is newer', () => {
    const text = kaito('    presetOptions: {modelAccessSecret: hf}\n').replace('v1beta1', 'v1alpha1');
    const { workspaces, problems } = readText(text);
    expect(workspaces[0]?.inference?.preset?.modelAccessSecret).toBe('hf');
    expect(problems).toMatchObject([{ code: 'newer-field', severity: 'warning' }]);
  });

  it("is controlled by KAITO's annotations, which do not reach its objects", () => {
    const annotations = {
      'kaito.sh/runtime': 'transformers',
      'kaito.sh/enablelb': 'True',
      'kaito.sh/bypass-resource-checks': '',
      'kaito.sh/node-image-family': ' AzureLinux ',
      'kaito.sh/node-class-name': 'image-family-ubuntu',
      'kaito.sh/performance-mode': 'throughput',
      'kaito.sh/disable-benchmark': 'true',
      'kaito.sh/model-streaming': 'disabled',
      'kaito.sh/use-local-weights': 'true',
      team: 'search',
    };
    const text = kaito().replace('chat', `chat\n  annotations: ${JSON.stringify(annotations)}`);
    const { workspaces, problems } = readText(text);
    expect(problems).toEqual([]);
    expect(workspaces).toMatchObject([
      {
        annotations: { team: 'search' },
        resource: {
          bypassResourceChecks: true,
          nodeImageFamily: 'azurelinux',
          nodeClassName: 'image-family-ubuntu',
        },
        inference: { runtime: 'transformers', performanceMode: 'throughput', weights: { from: 'node' } },
        service: { type: 'LoadBalancer' },
      },
    ]);
    expect(Object.keys(workspaces[0]?.annotations ?? {})).toEqual(['team']);
    expect(workspaces[0]?.at('inference.runtime').position).toMatchObject({ line: 5 });
    expect(workspaces[0]?.at('inference.weights').position).toMatchObject({ line: 5 });
  });

  it('selects nodes by an expression with one value, which KAITO forgets', () => {
    const { workspaces } = readText(
      kaito(
        '',
        'resource:\n  labelSelector:\n    matchLabels: {a: b}\n    matchExpressions:\n    - {key: c, operator: In, values: [d]}\n',
      ),
    );
    expect(workspaces[0]?.resource.matchLabels).toEqual({ a: 'b', c: 'd' });
  });

  it('answers for each field with its place, and for an absent one with that of its parent', () => {
    const [workspace] = readText(
      own('resource:\n  count: 2\ninference:\n  preset:\n    name: phi-4\n'),
    ).workspaces;
    expect(workspace?.at('inference.preset.name').position).toEqual({ file: 'w.yaml', line: 9, column: 11 });
    expect(workspace?.at('resource.count').position).toEqual({ file: 'w.yaml', line: 6, column: 10 });
    expect(workspace?.at('resource.instanceType').position).toEqual({ file: 'w.yaml', line: 5, column: 1 });
    expect(workspace?.at('inference.preset').position).toEqual({ file: 'w.yaml', line: 8, column: 3 });
    expect(workspace?.at('pod.env[0]').position).toEqual({ file: 'w.yaml', line: 1, column: 1 });
  });

  it('from TypeScript has every default, and the construct for its place', () => {
    const { spec, problems } = workspaceFromProps(
      'chat',
      { inference: { preset: { name: 'phi-4' } } },
      'fleet/prod/chat',
    );
    expect(problems).toEqual([]);
    expect(spec).toEqual({
      name: 'chat',
      namespace: 'default',
      labels: {},
      annotations: {},
      resource: {
        instanceTypes: [],
        count: null,
        matchLabels: {},
        partition: null,
        capacityType: 'on-demand',
        nodeClassName: null,
        nodeImageFamily: null,
        bypassResourceChecks: false,
      },
      inference: {
        preset: { name: 'phi-4', modelAccessSecret: null, imagePullSecrets: [] },
        template: null,
        config: null,
        adapters: [],
        runtime: 'vllm',
        image: null,
        contextLength: null,
        concurrency: 1,
        gpuMemoryUtilization: null,
        replicas: 1,
        multiNodeWorkload: null,
        weights: { from: 'download' },
        performanceMode: 'balanced',
      },
      tuning: null,
      service: { type: 'ClusterIP' },
      pod: {},
      at: expect.any(Function) as unknown,
    });
    expect(spec?.at('inference').position).toEqual({ construct: 'fleet/prod/chat' });
  });

  it('from TypeScript has its problems at the construct', () => {
    const { spec, problems } = workspaceFromProps('Chat', { inference: { config: 'x' } }, 'fleet/prod/Chat');
    expect(spec).toBeUndefined();
    expect(problems.map(({ field, code, position }) => [field, code, position])).toEqual([
      ['name', 'invalid-name', { construct: 'fleet/prod/Chat' }],
      ['inference', 'missing-field', { construct: 'fleet/prod/Chat' }],
      ['inference.config', 'config-not-found', { construct: 'fleet/prod/Chat' }],
    ]);
  });

  it('has what is switched on around it as it was given', () => {
    const route = { gateway: { name: 'public' }, hostnames: ['*.models.example.com'] };
    const { spec, problems } = workspaceFromProps(
      'chat',
      { inference: { preset: { name: 'phi-4' } }, autoscaling: { maxReplicas: 3 }, route },
      'fleet/chat',
    );
    expect(problems).toEqual([]);
    expect(spec?.operations).toEqual({ autoscaling: { maxReplicas: 3 }, route });
  });

  it('keeps the pod template of the user as it is', () => {
    const { workspaces, problems } = readText(
      kaito().replace(
        /inference:[^]*/,
        'inference:\n  template:\n    spec:\n      affinity: {nodeAffinity: {}}\n      containers:\n      - {name: a, image: "registry.example.com/a:1"}\n',
      ),
    );
    expect(problems).toEqual([]);
    expect(workspaces[0]?.inference).toMatchObject({
      preset: null,
      template: { spec: { affinity: { nodeAffinity: {} }, containers: [{ name: 'a' }] } },
    });
  });
});
