import { kaito, marked, readText } from './marked';

const set = (spec = '', template = '') => `apiVersion: kaito.sh/v1beta1
kind: InferenceSet
metadata:
  name: chat
spec:
  replicas: 3
  labelSelector:
    matchLabels: {apps: chat}
${spec}  template:
    resource:
      instanceType: Standard_NC24ads_A100_v4
${template}    inference:
      preset:
        name: phi-4
`;

const problemsOf = (text: string) => readText(text).problems;

describe("KAITO's InferenceSet", () => {
  it('is a Workspace with replicas', () => {
    const { workspaces, problems } = readText(set());
    expect(problems).toEqual([]);
    expect(workspaces).toMatchObject([
      {
        name: 'chat',
        namespace: 'default',
        resource: { instanceTypes: ['Standard_NC24ads_A100_v4'], matchLabels: { apps: 'chat' } },
        inference: { preset: { name: 'phi-4' }, replicas: 3, servedNames: ['chat'] },
      },
    ]);
  });

  it('may have no replicas, and a limit of nodes', () => {
    const { workspaces, problems } = readText(
      set('  nodeCountLimit: 5\n').replace('replicas: 3', 'replicas: 0'),
    );
    expect(problems).toEqual([]);
    expect(workspaces).toMatchObject([{ resource: { nodeCountLimit: 5 }, inference: { replicas: 0 } }]);
  });

  it('has one replica unless it says otherwise, and no limit of nodes with 0', () => {
    const [workspace] = readText(set('  nodeCountLimit: 0\n').replace('  replicas: 3\n', '')).workspaces;
    expect(workspace?.inference?.replicas).toBe(1);
    expect(workspace?.resource).not.toHaveProperty('nodeCountLimit');
  });

  it('answers for the fields of the Workspace with its own places', () => {
    const { text, line, column } = marked(set().replace('replicas: 3', 'replicas: ¦3'));
    const [workspace] = readText(text).workspaces;
    expect(workspace?.at('inference.replicas').position).toEqual({ file: 'w.yaml', line, column });
    expect(workspace?.at('inference.preset.name').position).toEqual({ file: 'w.yaml', line: 14, column: 15 });
    expect(workspace?.at('resource.labelSelector.matchLabels.apps').position).toMatchObject({ line: 8 });
  });

  it('is controlled by its own annotations and by those of its template', () => {
    const { workspaces } = readText(
      set(
        '',
        '    metadata:\n      labels: {team: a}\n      annotations: {kaito.sh/runtime: transformers}\n',
      ),
    );
    expect(workspaces).toMatchObject([{ labels: { team: 'a' }, inference: { runtime: 'transformers' } }]);
  });

  it.each([
    ['a misspelt field', set('  ¦replica: 2\n'), 'unknown-field', 'spec.replica'],
    ['a word for a number', set().replace('3', '¦three'), 'wrong-type', 'spec.replicas'],
    [
      'an update that never begins',
      set('  updateStrategy: {rollingUpdate: {maxUnavailable: ¦0}}\n'),
      'out-of-range',
      'spec.updateStrategy.rollingUpdate.maxUnavailable',
    ],
    ['too many replicas', set('  nodeCountLimit: 2\n').replace('3', '¦3'), 'contradiction', 'spec.replicas'],
    [
      'a wrong adapter',
      set().replace(
        '      preset:',
        '      adapters:\n      - source: {name: a, image: ¦A/B:C}\n      preset:',
      ),
      'invalid-image',
      'spec.template.inference.adapters[0].source.image',
    ],
    [
      'a wrong selector',
      set().replace('{apps: chat}', '{apps: ¦a b}'),
      'invalid-label',
      'spec.labelSelector.matchLabels.apps',
    ],
    [
      'a wrong annotation of the template',
      set('', '    metadata:\n      annotations:\n        kaito.sh/performance-mode: ¦fast\n'),
      'invalid-value',
      'spec.template.metadata.annotations["kaito.sh/performance-mode"]',
    ],
    [
      'an unknown MIG profile',
      set('', '      partition: {mode: mig, profile: ¦1g.1gb}\n'),
      'unknown-mig-profile',
      'spec.template.resource.partition.profile',
    ],
    [
      'a set that serves nothing',
      set()
        .replace(/ {4}inference:[^]*/, '')
        .replace('template', '¦template'),
      'missing-field',
      'spec.template.inference',
    ],
  ])('tells %s in the words and at the place of its document', (_name, yaml, code, field) => {
    const { text, line, column } = marked(yaml);
    expect(problemsOf(text)).toMatchObject([{ code, field, severity: 'error', position: { line, column } }]);
  });

  it.each([
    [
      'an update of some replicas',
      '  updateStrategy: {rollingUpdate: {partition: ¦2}}\n',
      'spec.updateStrategy.rollingUpdate.partition',
    ],
    ['an update by hand', '  updateStrategy: {type: ¦OnDelete}\n', 'spec.updateStrategy.type'],
    ["KAITO's upgrade", '  ¦autoUpgrade: {enabled: true}\n', 'spec.autoUpgrade'],
  ])('warns that %s has no effect', (_name, spec, field) => {
    const { text, line, column } = marked(set(spec));
    expect(problemsOf(text)).toMatchObject([{ severity: 'warning', field, position: { line, column } }]);
    expect(readText(text).workspaces).toHaveLength(1);
  });

  it('warns of a part of nodes in v1alpha1, which lacks it, and not of the access secret, which it has', () => {
    const text = set('', '      partition: {mode: accelerator, count: 2}\n')
      .replace('v1beta1', 'v1alpha1')
      .replace('name: phi-4', 'name: phi-4\n        presetOptions: {modelAccessSecret: hf}');
    expect(problemsOf(text)).toMatchObject([
      { severity: 'warning', code: 'newer-field', field: 'spec.template.resource.partition' },
    ]);
  });

  it('says nothing about the strategy that it has by default', () => {
    expect(
      problemsOf(set('  updateStrategy: {type: RollingUpdate, rollingUpdate: {maxUnavailable: 1}}\n')),
    ).toEqual([]);
  });

  it('cannot share the name of a Workspace', () => {
    expect(problemsOf(`${kaito()}---\n${set()}`)).toMatchObject([
      { code: 'duplicate-name', message: 'Workspace default/chat stands in w.yaml:4:9 already' },
    ]);
  });
});
