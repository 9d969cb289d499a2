import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { marked, readText } from './marked';

const document = readFileSync(join(__dirname, '..', 'data', 'kaito', 'multi-role-inference.yaml'), 'utf8');

const picker = (content: string) => `---
apiVersion: v1
kind: ConfigMap
metadata: {name: picker}
data:
  config.yaml: |
${content.replace(/^/gm, '    ')}
`;
const withPicker = (content: string) =>
  document.replace('spec:\n', 'spec:\n  eppPluginsConfig: picker\n') + picker(content);

describe("KAITO's MultiRoleInference", () => {
  it('is two Workspaces that serve the halves of one model', () => {
    const { workspaces, problems } = readText(document);
    expect(problems).toEqual([]);
    expect(workspaces).toMatchObject([
      {
        name: 'phi-4-prefill',
        resource: { instanceTypes: ['Standard_NC24ads_A100_v4'], matchLabels: { apps: 'phi-4' } },
        inference: {
          preset: { name: 'phi-4-mini-instruct' },
          replicas: 1,
          role: { type: 'prefill', of: 'phi-4' },
        },
      },
      {
        name: 'phi-4-decode',
        resource: { instanceTypes: ['Standard_NV36ads_A10_v5'], matchLabels: { apps: 'phi-4' } },
        inference: { replicas: 2, role: { type: 'decode', of: 'phi-4' } },
        operations: { inferencePool: {} },
      },
    ]);
    expect(workspaces[0]).not.toHaveProperty('operations');
  });

  it('does not mind the order of the roles', () => {
    const other = document
      .replace('type: prefill', 'type: x')
      .replace('type: decode', 'type: prefill')
      .replace('type: x', 'type: decode');
    expect(readText(other).workspaces.map(({ name }) => name)).toEqual(['phi-4-prefill', 'phi-4-decode']);
  });

  it.each([
    ['a'.repeat(55), []],
    ['a'.repeat(56), ['at most 55 characters']],
    ['a'.repeat(64), ['at most 63 characters']],
    ['Phi_4', ['lower case letters']],
    ['4-phi', ['the first one a letter']],
  ])('is told once of its name when that cannot be, or not with what its halves add: %s', (name, allowed) => {
    const { problems } = readText(document.replace('name: phi-4\n', `name: ${name}\n`));
    expect(problems).toMatchObject(
      allowed.map((each) => ({
        severity: 'error',
        field: 'metadata.name',
        allowed: expect.stringContaining(each) as string,
      })),
    );
  });

  it('answers for the fields of its Workspaces with its own places', () => {
    const { text, line, column } = marked(
      document.replace('Standard_NV36ads_A10_v5', '¦Standard_NV36ads_A10_v5'),
    );
    const [prefill, decode] = readText(text).workspaces;
    expect(decode?.at('resource.instanceType').position).toEqual({ file: 'w.yaml', line, column });
    expect(prefill?.at('resource.instanceType').position).toMatchObject({ line: line - 3 });
    expect(decode?.at('inference.preset.name').position).toMatchObject({ line: 10 });
  });

  it('takes the access token, and the config of each role', () => {
    const config = `---
apiVersion: v1
kind: ConfigMap
metadata: {name: fast}
data:
  inference_config.yaml: |
    vllm: {max-num-seqs: 8}
`;
    const { workspaces, problems } = readText(
      document
        .replace('name: phi-4-mini-instruct', 'name: phi-4-mini-instruct\n    modelAccessSecret: hf')
        .replace('type: decode', 'type: decode\n      runtimeConfig: fast') + config,
    );
    expect(problems).toEqual([]);
    expect(workspaces).toMatchObject([
      { inference: { preset: { modelAccessSecret: 'hf' }, config: null } },
      {
        inference: { preset: { modelAccessSecret: 'hf' }, config: { vllm: { 'max-num-seqs': 8 } } },
      },
    ]);
  });

  it("takes the picker's own configuration, for the labels of our pods", () => {
    const { workspaces, problems } = readText(
      withPicker(`apiVersion: inference.networking.x-k8s.io/v1alpha1
kind: EndpointPickerConfig
plugins:
- type: by-label-selector
  name: prefill-filter
  parameters: {matchLabels: {kaito.sh/inference-role: prefill}}
schedulingProfiles:
- name: prefill
  plugins: [{pluginRef: prefill-filter}]`),
    );
    expect(problems).toEqual([]);
    expect(workspaces[1]?.operations?.inferencePool?.pickerConfig).toEqual({
      plugins: [
        {
          type: 'by-label-selector',
          name: 'prefill-filter',
          parameters: { matchLabels: { 'slipway.dev/inference-role': 'prefill' } },
        },
      ],
      schedulingProfiles: [{ name: 'prefill', plugins: [{ pluginRef: 'prefill-filter' }] }],
    });
  });

  it.each([
    [
      'a missing role',
      document.replace(/ {4}- type: prefill[^]*?(?= {4}- type: decode)/, ''),
      'missing-field',
      'spec.roles',
    ],
    [
      'a role twice',
      document.replace('type: decode', 'type: prefill'),
      'duplicate-item',
      'spec.roles[1].type',
    ],
    [
      'an unknown role',
      document.replace('type: decode', 'type: encode'),
      'invalid-value',
      'spec.roles[1].type',
    ],
    ['no replicas', document.replace('replicas: 2', 'replicas: 0'), 'out-of-range', 'spec.roles[1].replicas'],
    [
      'no model',
      document.replace('    name: phi-4-mini-instruct', '    modelAccessSecret: hf'),
      'missing-field',
      'spec.model.name',
    ],
    [
      'a picker configuration that is not among the files',
      document.replace('spec:\n', 'spec:\n  eppPluginsConfig: picker\n'),
      'config-not-found',
      'spec.eppPluginsConfig',
    ],
    [
      'a picker configuration without plugins',
      withPicker('schedulingProfiles: []'),
      'missing-field',
      'plugins',
    ],
    [
      'a label that cannot be selected by',
      document.replace('apps: phi-4', 'apps: "a b"'),
      'invalid-label',
      'spec.labelSelector.matchLabels.apps',
    ],
    [
      'a name that a Workspace cannot have',
      document.replace('name: phi-4\n', 'name: 4-phi\n'),
      'invalid-name',
      'metadata.name',
    ],
  ])('tells %s once, with what is allowed or what to do', (_name, yaml, code, field) => {
    const { problems } = readText(yaml);
    const found = problems.filter((problem) => problem.code === code);
    expect(found.map((problem) => problem.field)).toContain(field);
    expect(new Set(problems.map((problem) => JSON.stringify(problem))).size).toBe(problems.length);
    for (const problem of found) expect(problem.allowed ?? problem.next).toBeDefined();
  });

  it('gives no half where the other one cannot be read', () => {
    const { workspaces, rejected } = readText(document.replace('replicas: 2', 'runtimeConfig: nowhere'));
    expect(workspaces).toEqual([]);
    expect(rejected).toHaveLength(2);
  });

  it('cannot share a name with a Workspace of its own', () => {
    const { problems } = readText(`${document}---
apiVersion: kaito.sh/v1beta1
kind: Workspace
metadata: {name: phi-4-decode}
inference: {preset: {name: phi-4}}
`);
    expect(problems).toMatchObject([
      { code: 'duplicate-name', message: expect.stringContaining('default/phi-4-decode') as string },
    ]);
  });

  it('may have the name of a Workspace', () => {
    const { problems, workspaces } = readText(`${document}---
apiVersion: kaito.sh/v1beta1
kind: Workspace
metadata: {name: phi-4}
inference: {preset: {name: phi-4}}
`);
    expect(problems).toEqual([]);
    expect(workspaces).toHaveLength(3);
  });
});
