import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type AnySchemaObject } from 'ajv';
import ts from 'typescript';

const root = join(__dirname, '..', '..');
const readJson = (...path: string[]): AnySchemaObject =>
  JSON.parse(readFileSync(join(root, ...path), 'utf8')) as AnySchemaObject;
const workspace = readJson('schemas', 'workspace.schema.json');
const cluster = readJson('schemas', 'cluster.schema.json');
const pod = readJson('schemas', 'pod.schema.json');

type Node = Readonly<Record<string, unknown>>;
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;

/** Every schema in `node`, with its path. */
function* schemasIn(node: unknown, path = ''): Generator<[string, Node]> {
  if (!isNode(node)) return;
  yield [path, node];
  for (const [key, value] of Object.entries(node)) {
    if (key === 'properties' || key === 'definitions') {
      for (const [name, schema] of Object.entries(isNode(value) ? value : {}))
        yield* schemasIn(schema, `${path}.${name}`);
    } else if (key === 'oneOf' && Array.isArray(value))
      for (const branch of value) yield* schemasIn(branch, path);
    else if (['items', 'additionalProperties'].includes(key)) yield* schemasIn(value, `${path}[]`);
  }
}

function resolve(schema: unknown): Node {
  if (!isNode(schema)) return {};
  const reference = schema['$ref'];
  if (typeof reference !== 'string') return schema;
  const [file = '', name = ''] = reference.split('#/definitions/');
  const definitions: unknown = (file === 'workspace.schema.json' || file === '' ? workspace : cluster)[
    'definitions'
  ];
  const own: unknown = file === '' ? cluster['definitions'] : undefined;
  const found =
    (isNode(definitions) ? definitions[name] : undefined) ?? (isNode(own) ? own[name] : undefined);
  return resolve(found);
}

/** Names of the properties of a definition, over all branches. */
function propertiesOf(schema: Node): string[] {
  const branches: unknown[] = Array.isArray(schema['oneOf']) ? schema['oneOf'] : [schema];
  const names = branches.flatMap((branch) =>
    isNode(branch) && isNode(branch['properties']) ? Object.keys(branch['properties']) : [],
  );
  return [...new Set(names)].sort();
}

test('schemas/pod.schema.json has the fields of the pods of the CRD that it is made from', () => {
  const crd = readJson(
    'imports/crds/lws-2026-08-21',
    'leaderworkersets.leaderworkerset.x-k8s.io.json',
  ) as unknown as { spec: { versions: { schema: { openAPIV3Schema: Node } }[] } };
  const template = ['spec', 'leaderWorkerTemplate', 'workerTemplate', 'spec'].reduce<Node>(
    (node, name) => (node['properties'] as Record<string, Node>)[name] ?? {},
    crd.spec.versions[0]?.schema.openAPIV3Schema ?? {},
  );
  const { PodSpec } = pod['definitions'] as Record<string, Node>;
  expect(propertiesOf(PodSpec ?? {})).toEqual(
    propertiesOf(template).filter((name) => name !== 'ephemeralContainers'),
  );
  expect(new Ajv({ allowUnionTypes: true, strictRequired: false }).validateSchema(pod)).toBe(true);
});

describe.each([
  ['workspace', workspace],
  ['cluster', cluster],
])('schemas/%s.schema.json', (_name, schema) => {
  it('is a valid schema of draft 7', () => {
    const ajv = new Ajv({ discriminator: true, allowUnionTypes: true, strictRequired: false });
    for (const each of [workspace, cluster]) ajv.addSchema(each);
    expect(ajv.validateSchema(schema)).toBe(true);
    expect(ajv.getSchema(String(schema.$id))).toBeInstanceOf(Function);
    expect(schema.$schema).toBe('http://json-schema.org/draft-07/schema#');
  });

  it('describes every field, for editors', () => {
    const silent = [...schemasIn(schema)]
      .filter(
        ([path, node]) =>
          path !== '' &&
          !path.endsWith('[]') &&
          node['$ref'] === undefined &&
          node['description'] === undefined,
      )
      .map(([path]) => path)
      // Fields of Kubernetes' own objects, which its documentation describes.
      .filter((path) => !path.startsWith('.PodTemplate.'));
    expect(silent).toEqual([]);
  });
});

describe('the root of workspace.schema.json', () => {
  const ajv = new Ajv({ discriminator: true, allowUnionTypes: true, strictRequired: false });
  const validate = ajv.compile(workspace);
  const document = (apiVersion: string, inference: object) => ({
    apiVersion,
    kind: 'Workspace',
    metadata: { name: 'chat' },
    inference: { preset: { name: 'phi-4' }, ...inference },
  });

  it.each(['kaito.sh/v1alpha1', 'kaito.sh/v1beta1', 'slipway.dev/v1alpha1'])('accepts %s', (apiVersion) => {
    expect(validate(document(apiVersion, {}))).toBe(true);
  });

  it("has Slipway's own fields for its own apiVersion only", () => {
    expect(validate(document('slipway.dev/v1alpha1', { replicas: 2 }))).toBe(true);
    expect(validate(document('kaito.sh/v1beta1', { replicas: 2 }))).toBe(false);
  });

  it('refuses any other apiVersion', () => {
    expect(validate(document('kaito.sh/v1', {}))).toBe(false);
  });
});

describe.each([
  ['Workspace', 'workspaces', 30],
  ['InferenceSet', 'inferencesets', 30],
  ['MultiRoleInference', 'multiroleinferences', 14],
])("KAITO's CRD of %s", (kind, plural, atLeast) => {
  const crd = readJson('imports', 'crds', 'kaito-2026-08-21', `${plural}.kaito.sh.json`);
  const versions = ((crd['spec'] as Node)['versions'] as readonly Node[]).map((version) => {
    const schema = (version['schema'] as Node)['openAPIV3Schema'];
    return [String(version['name']), schema] as const;
  });

  function* fieldsOf(schema: unknown, path: readonly string[] = []): Generator<readonly string[]> {
    if (!isNode(schema)) return;
    yield* fieldsOf(schema['items'], path);
    for (const [name, property] of Object.entries(isNode(schema['properties']) ? schema['properties'] : {})) {
      if (path.length === 0 && ['status', 'metadata'].includes(name)) continue;
      yield [...path, name];
      yield* fieldsOf(property, [...path, name]);
    }
  }

  function has(path: readonly string[]): boolean {
    let here = resolve({ $ref: `#/definitions/Kaito${kind}` });
    for (const name of path) {
      if (isNode(here['items'])) here = resolve(here['items']);
      const properties = here['properties'];
      if (!isNode(properties) || !(name in properties)) return false;
      here = resolve(properties[name]);
    }
    return true;
  }

  it.each(versions)('has no field in %s that the schema does not know', (_version, schema) => {
    const fields = [...fieldsOf(schema)];
    expect(fields.length).toBeGreaterThan(atLeast);
    expect(fields.filter((path) => !has(path)).map((path) => path.join('.'))).toEqual([]);
  });
});

describe('the TypeScript props', () => {
  const interfaces = new Map<string, ts.InterfaceDeclaration>();
  for (const file of [
    'workspace.ts',
    'adapters.ts',
    'inference.ts',
    'pod.ts',
    'tuning.ts',
    'cluster.ts',
    'operations.ts',
    'network.ts',
    'budget.ts',
  ]) {
    const text = readFileSync(join(root, 'src', 'spec', file), 'utf8');
    ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true).forEachChild((node) => {
      if (ts.isInterfaceDeclaration(node)) interfaces.set(node.name.text, node);
    });
  }
  const membersOf = (name: string) =>
    (interfaces.get(name)?.members ?? []).flatMap((member) =>
      ts.isPropertySignature(member)
        ? [{ name: member.name.getText(), optional: member.questionToken !== undefined }]
        : [],
    );

  it.each([
    ['WorkspaceFields', workspace, 'WorkspaceProps'],
    ['ResourceProps', workspace, 'Resource'],
    ['LabelSelectorProps', workspace, 'LabelSelector'],
    ['PresetProps', workspace, 'Preset'],
    ['InferenceFields', workspace, 'Inference'],
    ['InferenceConfig', workspace, 'InferenceConfig'],
    ['DataSourceFields', workspace, 'DataSource'],
    ['AdapterProps', workspace, 'Adapter'],
    ['TuningProps', workspace, 'Tuning'],
    ['TrainingConfig', workspace, 'TrainingConfig'],
    ['ImageProps', workspace, 'Image'],
    ['ServiceProps', workspace, 'Service'],
    ['PodProps', workspace, 'Pod'],
    ['AutoscalingProps', workspace, 'Autoscaling'],
    ['DisruptionBudgetProps', workspace, 'DisruptionBudget'],
    ['RolloutProps', workspace, 'Rollout'],
    ['MonitoringProps', workspace, 'Monitoring'],
    ['RouteProps', workspace, 'Route'],
    ['InferencePoolProps', workspace, 'InferencePool'],
    ['GatewayProps', cluster, 'Gateway'],
    ['PriorityClassProps', cluster, 'PriorityClass'],
    ['BudgetLimits', cluster, 'BudgetLimits'],
    ['NetworkProps', workspace, 'Network'],
    ['CallerProps', workspace, 'Caller'],
    ['ClusterProps', cluster, 'ClusterProps'],
    ['ClusterDefaults', cluster, 'Defaults'],
    ['EgressProps', cluster, 'Egress'],
    ['AgentPoolSettings', cluster, 'AgentPoolSettings'],
    ['AgentPoolWait', cluster, 'AgentPoolWait'],
  ])('%s have the fields of the schema, no more and no fewer', (name, schema, definition) => {
    const definitions: unknown = schema['definitions'];
    const node = isNode(definitions) ? definitions[definition] : undefined;
    const members =
      name === 'WorkspaceFields' ? [...membersOf(name), ...membersOf('OperationsProps')] : membersOf(name);
    expect(members.map((member) => member.name).sort()).toEqual(propertiesOf(isNode(node) ? node : {}));
    const required = isNode(node) && Array.isArray(node['required']) ? node['required'] : [];
    const expected = members.filter((member) => !member.optional).map((member) => member.name);
    expect(required.map(String).sort()).toEqual(expected.sort());
  });

  it('know every part of a node that the schema knows', () => {
    const partition = (workspace['definitions'] as Readonly<Record<string, Node>>)['Partition'] ?? {};
    const names = ['MigPartition', 'AcceleratorPartition'].map((kind) =>
      membersOf(kind)
        .map((member) => member.name)
        .sort(),
    );
    expect(names).toEqual([propertiesOf(partition), propertiesOf(partition)]);
  });

  it('know every kind of nodes that the schema knows', () => {
    const provisioning = (cluster['definitions'] as Readonly<Record<string, Node>>)['NodeProvisioning'] ?? {};
    const all = ['Karpenter', 'GpuProvisioner', 'AksAgentPools', 'OwnNodes'].flatMap((kind) =>
      membersOf(`${kind}Provisioning`).map((member) => member.name),
    );
    expect([...new Set(all)].sort()).toEqual(propertiesOf(provisioning));
  });
});
