import { kaito, marked, own, readText } from './marked';

const workspace = kaito('  config: my-config\n');

function withConfigMap(data: string, document = workspace): string {
  return `${document}---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: my-config\ndata:\n${data}`;
}

describe('the ConfigMap of inference.config', () => {
  it('is found by name and namespace, and gives the limits that it states', () => {
    const { workspaces, problems } = readText(
      withConfigMap(
        '  inference_config.yaml: |\n    vllm:\n      max-model-len: 16384\n      gpu_memory_utilization: "0.9"\n      enforce-eager:\n',
      ),
    );
    expect(problems).toEqual([]);
    expect(workspaces[0]?.inference).toMatchObject({
      contextLength: 16384,
      gpuMemoryUtilization: 0.9,
      config: { vllm: { 'max-model-len': 16384, 'gpu-memory-utilization': '0.9', 'enforce-eager': null } },
    });
  });

  it('answers for its fields with places in its own file', () => {
    const { text, line, column } = marked(
      withConfigMap(
        '  inference_config.yaml: |\n\n      # indented by six\n      vllm:\n        max-model-len: ¦16384\n',
      ),
    );
    const [read] = readText(text).workspaces;
    expect(read?.at('inference.config.vllm.max-model-len').position).toEqual({
      file: 'w.yaml',
      line,
      column,
    });
    expect(read?.at('inference.config').position).toMatchObject({ line: 8, column: 11 });
  });

  it('knows the options by the names of the command line, and where each was written', () => {
    const { text, line, column } = marked(
      withConfigMap(
        '  inference_config.yaml: |\n    vllm:\n      max_num_seqs: ¦8\n      --seed: 1\n      a_b.c_d: 2\n',
      ),
    );
    const [read] = readText(text).workspaces;
    expect(read?.inference?.config?.vllm).toEqual({ 'max-num-seqs': 8, seed: 1, 'a-b.c_d': 2 });
    expect(read?.at('inference.config.vllm.max-num-seqs').position).toEqual({ file: 'w.yaml', line, column });
  });

  it.each([
    ['an unknown key', '  inference_config.yaml: |\n    ¦vlm: {}\n', 'unknown-field', 'vlm'],
    [
      'a nested option',
      '  inference_config.yaml: |\n    vllm:\n      ¦a: {b: c}\n'.replace('¦a: ', 'a: ¦'),
      'wrong-type',
      'vllm.a',
    ],
    ['malformed YAML', '  inference_config.yaml: |\n    vllm:\n    ¦\ta: b\n', 'malformed-yaml', ''],
    [
      'an explicit indentation',
      '  inference_config.yaml: |2\n      vllm:\n        max-model-len: ¦32k\n',
      'invalid-value',
      'vllm.max-model-len',
    ],
    [
      'one option spelt in two ways',
      '  inference_config.yaml: |-\n    vllm:\n      max-model-len: 4\n      ¦max_model_len: 4\n',
      'duplicate-key',
      'vllm.max_model_len',
    ],
    ['quoted text', '  inference_config.yaml: ¦"vlm: {}"\n', 'unknown-field', 'vlm'],
    [
      'no text at all',
      '  inference_config.yaml: ¦{vllm: {}}\n'
        .replace('¦{', '{')
        .replace('  inf', '  ¦inf')
        .replace('¦inf', 'inf')
        .replace(': {v', ': ¦{v'),
      'wrong-type',
      'data["inference_config.yaml"]',
    ],
    ['an empty text', '  inference_config.yaml: ¦""\n', 'empty-value', 'data["inference_config.yaml"]'],
  ])('tells %s in its place', (_name, data, code, field) => {
    const { text, line, column } = marked(withConfigMap(data));
    const { problems } = readText(text);
    expect(problems).toMatchObject([{ code, field, position: { file: 'w.yaml', line, column } }]);
  });

  it('tells a misspelt key, and offers the nearest', () => {
    expect(readText(withConfigMap('  inference_config.yml: "vllm: {}"\n')).problems).toMatchObject([
      { code: 'missing-field', field: 'data["inference_config.yaml"]', position: { line: 14 } },
    ]);
  });

  it('tells that it stands in another namespace', () => {
    const text = withConfigMap('  inference_config.yaml: "vllm: {}"\n').replace(
      'my-config\ndata',
      'my-config\n  namespace: other\ndata',
    );
    const codes = readText(text).problems.map(({ code, next }) => [code, next]);
    expect(codes).toEqual([
      ['config-not-found', 'one stands in namespace other: give both the same namespace'],
      ['unused-config', expect.any(String)],
    ]);
  });

  it('reports its problems once, however many Workspaces name it', () => {
    const text = withConfigMap(
      '  inference_config.yaml: "vlm: {}"\n',
      `${workspace}---\n${workspace.replace('chat', 'other')}`,
    );
    expect(readText(text).problems).toHaveLength(1);
  });

  it('has flags without a value, as nothing or as an empty text', () => {
    const { workspaces, problems } = readText(
      withConfigMap(
        '  inference_config.yaml: |\n    vllm:\n      enforce-eager: ""\n      enable_chunked_prefill:\n      max-num-seqs: "8"\n',
      ),
    );
    expect(problems).toEqual([]);
    expect(workspaces[0]?.inference?.config?.vllm).toEqual({
      'enforce-eager': null,
      'enable-chunked-prefill': null,
      'max-num-seqs': '8',
    });
  });

  it('is a warning when nothing names it', () => {
    expect(readText(withConfigMap('  a: b\n', kaito())).problems).toMatchObject([
      { code: 'unused-config', severity: 'warning', field: 'metadata.name' },
    ]);
  });

  it('takes the default namespace of the Cluster that is read with it', () => {
    const cluster =
      'apiVersion: slipway.dev/v1alpha1\nkind: Cluster\nmetadata: {name: prod}\nspec: {defaults: {namespace: models}}\n---\n';
    const { workspaces, problems } = readText(
      cluster + withConfigMap('  inference_config.yaml: "vllm: {}"\n'),
    );
    expect(problems).toEqual([]);
    expect(workspaces[0]?.namespace).toBe('models');
  });
});

describe('the ConfigMap of tuning.config', () => {
  const tuning = own(
    'tuning:\n  preset: {name: phi-4}\n  method: qlora\n  config: my-config\n  input: {image: a/b:c}\n  output: {volumeSource: {emptyDir: {}}}\n',
  );

  it('gives its sections', () => {
    const { workspaces, problems } = readText(
      withConfigMap('  training_config.yaml: |\n    training_config:\n      LoraConfig: {r: 16}\n', tuning),
    );
    expect(problems).toEqual([]);
    expect(workspaces[0]?.tuning?.config).toEqual({ LoraConfig: { r: 16 } });
  });

  it('is judged with the method', () => {
    const { text, line, column } = marked(
      withConfigMap(
        '  training_config.yaml: |\n    training_config:\n      QuantizationConfig:\n        load_in_4bit: ¦false\n',
        tuning,
      ),
    );
    expect(readText(text).problems).toMatchObject([
      {
        code: 'contradiction',
        field: 'training_config.QuantizationConfig.load_in_4bit',
        position: { line, column },
      },
    ]);
  });
});
