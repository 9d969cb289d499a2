import fc from 'fast-check';
import { stringify } from 'yaml';
import { workspaceFromProps } from '../../src/spec/from-props';
import type { Problem } from '../../src/spec/problem';
import type { WorkspaceSpec } from '../../src/spec/normal';
import type { TrainingConfig, WeightsProps, WorkspaceFields } from '../../src/spec/workspace';
import { readText } from './marked';

/** Props that are right, or that may be wrong anywhere. */
function propsOf(wild: boolean): fc.Arbitrary<WorkspaceFields> {
  const either = <T>(right: readonly T[], wrong: readonly T[]) =>
    fc.constantFrom(...right, ...(wild ? wrong : []));
  const name = either(['a', 'b-1', 'hf-token'], ['Wrong Name', '', 'c.d']);
  const image = either(
    ['registry.example.com/a:1', 'a/b'],
    ['ACR_REPO_HERE.azurecr.io/x:1', 'A/B', 'a:b:c', ''],
  );
  const map = fc.dictionary(
    either(['a', 'team', 'x.y/z'], ['slipway.dev/a', 'a//b', 'kaito.sh/workspace']),
    either(['a', 'b-1', ''], ['a b']),
    { maxKeys: 3 },
  );
  const annotations = fc.dictionary(
    either(['a', 'kaito.sh/enablelb'], ['a//b', 'kaito.sh/runtime', 'kaito.sh/enablelbb']),
    fc.constantFrom('True', 'False', 'x'),
    { maxKeys: 3 },
  );
  const place = either<object>(
    [{ image: 'registry.example.com/a:1' }, { volumeSource: { persistentVolumeClaim: { claimName: 'a' } } }],
    [
      {},
      { image: 'a', volumeSource: { emptyDir: {} } },
      { urls: ['https://data.example.com/a', 'ftp://b'] },
      { volumeSource: { emptydir: {} } },
    ],
  );
  const source = fc
    .tuple(name, place, fc.array(name, { maxLength: 2 }))
    .map(([sourceName, where, imagePullSecrets]) => ({ name: sourceName, ...where, imagePullSecrets }));
  const preset = fc.record(
    {
      name: fc.constantFrom('phi-4', 'qwen3-14b'),
      accessMode: fc.constantFrom('public' as const, 'private' as const),
      presetOptions: fc.record(
        { modelAccessSecret: name, imagePullSecrets: fc.array(name) },
        { requiredKeys: [] },
      ),
    },
    { requiredKeys: ['name'] },
  );
  const resource = fc.record(
    {
      instanceType: fc.oneof(name, fc.uniqueArray(name, { minLength: 1 })),
      count: either([1], [-1, 0, 4]),
      labelSelector: fc.record({ matchLabels: map }, { requiredKeys: [] }),
      capacityType: fc.constantFrom('on-demand' as const, 'spot' as const),
      bypassResourceChecks: fc.boolean(),
    },
    { requiredKeys: [] },
  );
  const weights = either<WeightsProps>(
    [
      { from: 'download', volume: 'nvme' },
      { from: 'pvc', claimName: 'w', path: '/a' },
      { from: 'image' },
      { from: 'image', reference: 'registry.example.com/w:1', format: 'image', imagePullSecrets: ['a'] },
      { from: 'sharedPvc', storageClassName: 'files', sizeGiB: 100 },
      { from: 'node', path: '/models/a' },
    ],
    [
      { from: 'pvc', claimName: 'W W', path: '../a' },
      { from: 'image', mount: 'volume', volume: 'nvme', reference: 'A/B' },
      { from: 'sharedPvc', storageClassName: '', sizeGiB: 0 },
      { from: 'node', path: 'a' },
    ],
  );
  const option = either<string | number | boolean | null>([8192, '8192'], ['32k', -1, true, null]);
  const inference = fc.record(
    {
      preset,
      config: fc.record(
        {
          vllm: fc.dictionary(
            either(['max-model-len', 'max_num_seqs'], ['api-key', 'max_model_len']),
            option,
          ),
        },
        { requiredKeys: [] },
      ),
      adapters: fc.uniqueArray(
        fc.record(
          { source, strength: either<string | number>(['0.5', 1, 0.25], ['2', 'x', -1]) },
          { requiredKeys: ['source'] },
        ),
        { maxLength: 3, ...(!wild && { selector: (adapter) => adapter.source.name }) },
      ),
      contextLength: either([8192], [0, 1]),
      replicas: either([1, 2], [0]),
      image: fc.oneof(
        fc.constantFrom('kaito' as const, 'vllm' as const),
        fc.record({ kind: fc.constant('vllm' as const), reference: image }),
      ),
      weights,
    },
    { requiredKeys: wild ? [] : ['preset'] },
  );
  const tuning = fc.record(
    {
      preset,
      method: fc.constantFrom('lora' as const, 'qlora' as const),
      config: either<TrainingConfig>(
        [{ training_config: { LoraConfig: { r: 8 } } }],
        [{ training_config: { QuantizationConfig: { load_in_4bit: true, load_in_8bit: true } } }],
      ),
      weights,
      input: source,
      output: fc.record(
        { image, imagePushSecret: name },
        { requiredKeys: wild ? [] : ['image', 'imagePushSecret'] },
      ),
    },
    { requiredKeys: ['preset', 'input', 'output'] },
  );
  const purpose: fc.Arbitrary<object> = wild
    ? fc.record({ inference, tuning }, { requiredKeys: [] })
    : fc.oneof(fc.record({ inference }), fc.record({ tuning }));
  const pod = fc.record(
    { labels: map, env: fc.uniqueArray(fc.record({ name, value: name }), { selector: (item) => item.name }) },
    { requiredKeys: [] },
  );
  const rest = fc.record({ namespace: name, labels: map, annotations, resource, pod }, { requiredKeys: [] });
  return fc.tuple(purpose, rest).map(([what, others]) => ({ ...others, ...what }));
}

function asYaml(workspaceName: string, { namespace, labels, annotations, ...rest }: WorkspaceFields): string {
  return stringify({
    apiVersion: 'slipway.dev/v1alpha1',
    kind: 'Workspace',
    metadata: {
      name: workspaceName,
      ...(namespace !== undefined && { namespace }),
      ...(labels !== undefined && { labels }),
      ...(annotations !== undefined && { annotations }),
    },
    ...rest,
  });
}

function withoutPlaces(spec: WorkspaceSpec | undefined): unknown {
  return spec === undefined ? undefined : { ...spec, at: undefined };
}

/** What a problem says, wherever it stands: YAML has name and labels below `metadata`. */
function told(problems: readonly Problem[]): string[] {
  const lines = problems.map(({ severity, code, field, message }) =>
    `${severity} ${code} ${field} ${message}`.replaceAll('metadata.', ''),
  );
  return [...new Set(lines)].sort();
}

function expectSame(workspaceName: string, given: WorkspaceFields): boolean {
  const fromProps = workspaceFromProps(workspaceName, given, 'fleet/chat');
  const fromYaml = readText(asYaml(workspaceName, given));
  expect(told(fromYaml.problems)).toEqual(told(fromProps.problems));
  expect(withoutPlaces(fromYaml.workspaces[0])).toEqual(withoutPlaces(fromProps.spec));
  return fromProps.spec !== undefined;
}

describe('the same input', () => {
  it('in TypeScript and in YAML gives the same Workspace', () => {
    fc.assert(
      fc.property(propsOf(false), (given) => {
        expect(expectSame('chat', given)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('in TypeScript and in YAML gives the same problems', () => {
    fc.assert(
      fc.property(fc.constantFrom('chat', 'Wrong', '7b'), propsOf(true), (workspaceName, given) => {
        expectSame(workspaceName, given);
      }),
      { numRuns: 500 },
    );
  });

  it('is not changed by being read', () => {
    fc.assert(
      fc.property(propsOf(true), (given) => {
        const before = structuredClone(given);
        workspaceFromProps('chat', given, 'fleet/chat');
        expect(given).toEqual(before);
      }),
      { numRuns: 200 },
    );
  });
});
