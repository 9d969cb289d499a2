import { workspaceFromProps } from '../../src/spec/from-props';
import { kaito, marked, readText } from './marked';

const PREFIX = 'scaledobject.kaito.sh/';
const ON = `    ${PREFIX}auto-provision: "true"\n`;

const set = (annotations: string, spec = '') => `apiVersion: kaito.sh/v1beta1
kind: InferenceSet
metadata:
  name: chat
  annotations:
${annotations}spec:
  labelSelector:
    matchLabels: {apps: chat}
${spec}  template:
    inference:
      preset:
        name: phi-4
`;

describe("the annotations of KAITO's autoscaler", () => {
  it('become autoscaling, of an InferenceSet', () => {
    const { workspaces, problems } = readText(
      set(`${ON}    ${PREFIX}max-replicas: "5"\n    ${PREFIX}threshold: "10"\n`, '  replicas: 1\n'),
    );
    expect(problems).toEqual([]);
    expect(workspaces).toMatchObject([
      { operations: { autoscaling: { maxReplicas: 5, waitingRequests: 10 } }, annotations: {} },
    ]);
  });

  it('become autoscaling, of a Workspace', () => {
    const { workspaces, problems } = readText(
      kaito().replace(
        'name: chat',
        `name: chat\n  annotations:\n${ON}    ${PREFIX}max-replicas: "2"\n    ${PREFIX}metricName: vllm:num_requests_waiting`,
      ),
    );
    expect(problems).toEqual([]);
    expect(workspaces).toMatchObject([{ operations: { autoscaling: { maxReplicas: 2 } } }]);
  });

  it('are bounded by the limit of nodes where they give no bound', () => {
    const { workspaces } = readText(set(ON, '  nodeCountLimit: 4\n'));
    expect(workspaces).toMatchObject([{ operations: { autoscaling: { maxReplicas: 4 } } }]);
  });

  it('stand where later problems with them are shown', () => {
    const { text, line, column } = marked(set(`${ON}    ${PREFIX}max-replicas: ¦"5"\n`));
    const [workspace] = readText(text).workspaces;
    expect(workspace?.at('autoscaling.maxReplicas').position).toEqual({ file: 'w.yaml', line, column });
  });

  it.each([
    [
      'no bound',
      set(ON.replace('"true"', '¦"true"')),
      'missing-field',
      'metadata.annotations["scaledobject.kaito.sh/max-replicas"]',
    ],
    [
      'another metric',
      set(`${ON}    ${PREFIX}max-replicas: "5"\n    ${PREFIX}metricName: ¦vllm:kv_cache_usage_perc\n`),
      'invalid-value',
      'metadata.annotations["scaledobject.kaito.sh/metricName"]',
    ],
    [
      'a threshold that is no number',
      set(`${ON}    ${PREFIX}max-replicas: "5"\n    ${PREFIX}threshold: ¦"ten"\n`),
      'invalid-value',
      'metadata.annotations["scaledobject.kaito.sh/threshold"]',
    ],
    [
      'no replicas at the most',
      set(`${ON}    ${PREFIX}max-replicas: ¦"0"\n`),
      'invalid-value',
      'metadata.annotations["scaledobject.kaito.sh/max-replicas"]',
    ],
  ])('%s is an error that says what to write', (_name, yaml, code, field) => {
    const { text, line } = marked(yaml);
    const { problems } = readText(text);
    expect(problems).toMatchObject([{ severity: 'error', code, field, next: expect.any(String) as string }]);
    if (code !== 'missing-field') expect(problems[0]?.position).toMatchObject({ line });
  });

  it.each([
    ['without auto-provision', set(`    ${PREFIX}max-replicas: "5"\n`)],
    [
      'with auto-provision off',
      set(`    ${PREFIX}auto-provision: "false"\n    ${PREFIX}max-replicas: "5"\n`),
    ],
    [
      'on a pod template',
      set(`${ON}    ${PREFIX}max-replicas: "5"\n`).replace(
        /preset:[^]*/,
        'template: {spec: {containers: [{name: a, image: a/b:1}]}}\n',
      ),
    ],
  ])('have no effect %s, and a warning says so', (_name, yaml) => {
    const { workspaces, problems } = readText(yaml);
    expect(problems.length).toBeGreaterThan(0);
    for (const problem of problems)
      expect(problem).toMatchObject({ severity: 'warning', code: 'ignored-annotation' });
    expect(workspaces[0]).toBeDefined();
    expect(workspaces[0]).not.toHaveProperty('operations');
  });

  it('leave the replicas to the autoscaler, and say so', () => {
    const { problems } = readText(set(`${ON}    ${PREFIX}max-replicas: "5"\n`, '  replicas: 3\n'));
    expect(problems).toMatchObject([{ severity: 'warning', field: 'spec.replicas', position: { line: 11 } }]);
  });

  it('yield to the field of the same meaning', () => {
    const { spec, problems } = workspaceFromProps(
      'chat',
      {
        annotations: { [`${PREFIX}auto-provision`]: 'true', [`${PREFIX}max-replicas`]: '2' },
        inference: { preset: { name: 'phi-4' } },
        autoscaling: { maxReplicas: 7 },
      },
      'fleet/prod/chat',
    );
    expect(problems.map(({ severity }) => severity)).toEqual(['warning', 'warning']);
    expect(spec?.operations?.autoscaling).toEqual({ maxReplicas: 7 });
  });
});
