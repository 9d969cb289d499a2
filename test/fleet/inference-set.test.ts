import { Cluster, Fleet, InvalidInputError, Workspace, type ClusterProps, type Problem } from '../../src';
import { readDocuments } from '../../src/spec/read-documents';

const set = (metadata = '', spec = '', machine = 'Standard_NC24ads_A100_v4', model = 'phi-4') =>
  `apiVersion: kaito.sh/v1beta1
kind: InferenceSet
metadata:
  name: chat
${metadata}spec:
  labelSelector:
    matchLabels: {apps: chat}
${spec}  template:
    resource:
      instanceType: ${machine}
    inference:
      preset:
        name: ${model}
`;

const AUTOSCALED = `  annotations:
    scaledobject.kaito.sh/auto-provision: "true"
    scaledobject.kaito.sh/max-replicas: "4"
    scaledobject.kaito.sh/threshold: "10"
`;

function render(text: string, props: ClusterProps = {}): ReadonlyMap<string, string> {
  const fleet = new Fleet();
  const cluster = new Cluster(fleet, 'prod', props);
  const { workspaces, problems } = readDocuments([{ file: 'set.yaml', text }]);
  fleet.report(problems);
  for (const spec of workspaces) new Workspace(cluster, spec.name, spec);
  return fleet.render().tree;
}

function problemsOf(text: string, props: ClusterProps = {}): readonly Problem[] {
  try {
    render(text, props);
    return [];
  } catch (error) {
    if (error instanceof InvalidInputError) return error.problems;
    throw error;
  }
}

const MACHINE = 'Standard_NC24ads_A100_v4';
/** 29 GB of weights: two nodes with an A10 each. */
const TWO_NODES = ['Standard_NV36ads_A10_v5', 'phi-4'] as const;

describe('an InferenceSet', () => {
  it('is one Deployment behind one Service of its name, whatever the number of its copies', () => {
    const tree = render(set('', '  replicas: 3\n'));
    expect(tree.get('prod/default/chat/deployment-chat.yaml')).toContain('  replicas: 3\n');
    expect([...tree.keys()].filter((path) => path.includes('service-'))).toEqual([
      'prod/default/chat/service-chat.yaml',
    ]);
  });

  it('is served under its own name, as KAITO does', () => {
    const config = [...render(set())].find(([path]) => path.includes('/configmap-'))?.[1];
    expect(config).toContain('served_model_name: chat');
  });

  it('is served under the name that its config gives', () => {
    const config = `---
apiVersion: v1
kind: ConfigMap
metadata: {name: serving}
data:
  inference_config.yaml: |
    vllm: {served-model-name: our-model}
`;
    const text = set().replace('    inference:\n', '    inference:\n      config: serving\n') + config;
    const rendered = [...render(text)].find(([path]) => path.includes('/configmap-'))?.[1];
    expect(rendered).toContain('served_model_name: our-model');
    expect(rendered).not.toContain('served-model-name');
  });

  it('tells a runtime that the model does not have once, not for each machine type', () => {
    const text = set(
      '  annotations: {kaito.sh/runtime: transformers}\n',
      '',
      'Standard_NC24ads_A100_v4',
      'qwen3.6-27b',
    );
    expect(problemsOf(text)).toMatchObject([
      { code: 'runtime-not-supported', field: 'metadata.annotations["kaito.sh/runtime"]' },
    ]);
  });

  it('keeps everything but the pods without replicas', () => {
    const tree = render(set('', '  replicas: 0\n'));
    expect(tree.get('prod/default/chat/deployment-chat.yaml')).toContain('  replicas: 0\n');
    expect(tree.get('prod/platform/nodepool-default--chat.yaml')).toContain('nodes: "0"');
    const paths = (replicas: number) => [...render(set('', `  replicas: ${replicas}\n`)).keys()];
    expect(paths(0)).toEqual(paths(2));
  });

  it("follows the load where KAITO's annotations say so", () => {
    const tree = render(set(AUTOSCALED));
    expect(tree.get('prod/default/chat/deployment-chat.yaml')).not.toContain('  replicas:');
    const scaled = tree.get('prod/default/chat/scaledobject-chat.yaml');
    expect(scaled).toContain('maxReplicaCount: 4');
    expect(scaled).toContain('threshold: "10"');
  });

  it('has a group of nodes for each copy of a model that one node cannot hold', () => {
    const tree = render(set('', '  replicas: 2\n', ...TWO_NODES));
    const groups = [...tree.keys()].filter((path) => path.includes('statefulset-'));
    expect(groups).toEqual([
      'prod/default/chat/statefulset-chat-group-1.yaml',
      'prod/default/chat/statefulset-chat.yaml',
    ]);
    expect(tree.get('prod/default/chat/service-chat.yaml')).toContain('pod-index: "0"');
  });

  it('follows the load over several nodes with a LeaderWorkerSet, and says so without', () => {
    const text = set(AUTOSCALED, '', ...TWO_NODES);
    expect(problemsOf(text)).toMatchObject([
      {
        code: 'autoscaling',
        position: { line: 6 },
        next: expect.stringContaining('LeaderWorkerSet') as string,
      },
    ]);
    const tree = render(text, { defaults: { multiNodeWorkload: 'LeaderWorkerSet' } });
    expect(tree.get('prod/default/chat/scaledobject-chat.yaml')).toContain('kind: LeaderWorkerSet');
  });

  it('names fields as its document has them, whoever finds what is wrong', () => {
    const fields = (text: string, props: ClusterProps = {}) =>
      problemsOf(text, props).map(({ field }) => field);
    expect(fields(set('', '', 'Standard_NC6s_v3'))).toEqual(['spec.template.resource.instanceType']);
    expect(fields(set('', '', MACHINE, 'phi-5'))).toEqual(['spec.template.inference.preset.name']);
    expect(fields(set('', '', MACHINE, 'llama-3.1-8b-instruct'))).toEqual([
      'spec.template.inference.preset.presetOptions.modelAccessSecret',
    ]);
    expect(fields(set('  labels: {app.kubernetes.io/instance: a}\n', '', 'Standard_NC6s_v3'))).toHaveLength(
      1,
    );
    expect(fields(set(AUTOSCALED, '', ...TWO_NODES))).toEqual([
      'metadata.annotations["scaledobject.kaito.sh/auto-provision"]',
    ]);
    expect(fields(set('', '  nodeCountLimit: 1\n', ...TWO_NODES))).toEqual(['spec.nodeCountLimit']);
  });

  it('replaces as many replicas at once as its update strategy says', () => {
    const strategy = (bound: string) =>
      `  replicas: 4\n  updateStrategy: {type: RollingUpdate, rollingUpdate: {maxUnavailable: ${bound}}}\n`;
    const deployment = (bound: string) =>
      render(set('', strategy(bound))).get('prod/default/chat/deployment-chat.yaml');
    expect(deployment('2')).toContain('      maxUnavailable: 2\n');
    expect(deployment('50%')).toContain('      maxUnavailable: "50%"\n');
    expect(deployment('1')).toBe(
      render(set('', '  replicas: 4\n')).get('prod/default/chat/deployment-chat.yaml'),
    );
    const grouped = (bound: string) =>
      render(set('', strategy(bound), ...TWO_NODES), {
        defaults: { multiNodeWorkload: 'LeaderWorkerSet' },
      }).get('prod/default/chat/leaderworkerset-chat-groups.yaml');
    expect(grouped('2')).toContain('      maxUnavailable: 2\n');
    expect(grouped('60%')).toContain('      maxUnavailable: 2\n');
    expect(grouped('10%')).toContain('      maxUnavailable: 1\n');
  });

  it('says that StatefulSets do not keep to an update strategy', () => {
    const fleet = new Fleet();
    const cluster = new Cluster(fleet, 'prod');
    const text = set(
      '',
      '  replicas: 2\n  updateStrategy: {rollingUpdate: {maxUnavailable: 1}}\n',
      ...TWO_NODES,
    );
    for (const spec of readDocuments([{ file: 'set.yaml', text }]).workspaces)
      new Workspace(cluster, spec.name, spec);
    expect(fleet.render().problems).toMatchObject([
      {
        severity: 'warning',
        code: 'rollout-of-stateful-sets',
        field: 'spec.updateStrategy.rollingUpdate.maxUnavailable',
        position: { line: 9 },
      },
    ]);
  });

  it('has at most the nodes of its limit, which counts those of all copies', () => {
    const limited = '  replicas: 2\n  nodeCountLimit: 3\n';
    expect(problemsOf(set('', limited))).toEqual([]);
    expect(problemsOf(set('', limited, ...TWO_NODES))).toMatchObject([
      {
        code: 'node-limit',
        message: '2 replicas of 2 nodes each are 4 nodes, and the limit is 3',
        allowed: '1 replica at the most',
        position: { file: 'set.yaml', line: 9 },
      },
    ]);
  });
});
