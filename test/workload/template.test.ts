import type { PodTemplateSpec } from 'kubernetes-types/core/v1';
import { checkTemplate, synthesizeTemplate } from '../../src/workload';
import { cluster, decision, inference, objectsOf, only, podOf, SCHEDULING, workspace } from './fixtures';

const AFFINITY = {
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [{ matchExpressions: [{ key: 'disk', operator: 'In', values: ['ssd'] }] }],
    },
  },
};

const TEMPLATE: PodTemplateSpec = {
  metadata: { labels: { app: 'mine' }, annotations: { note: 'x' } },
  spec: {
    affinity: AFFINITY,
    nodeSelector: { pool: 'b' },
    tolerations: [{ key: 'dedicated', operator: 'Exists' }],
    containers: [{ name: 'main', image: 'example.com/server:1', ports: [{ containerPort: 5000 }] }],
  },
};

function render(template: PodTemplateSpec = TEMPLATE, count: number | null = 2) {
  const nodes = decision({
    workspace: workspace({ resource: { count }, inference: inference({ preset: null, template }) }),
    cluster: cluster({ egress: { httpsProxy: 'http://proxy:1' } }),
  });
  return objectsOf((chart) => {
    synthesizeTemplate(chart, nodes, SCHEDULING);
  });
}

test("the user's pod template becomes a Deployment of as many replicas as nodes, with Service and NetworkPolicy", () => {
  const objects = render();
  expect(objects.map(({ kind }) => kind).sort()).toEqual(['Deployment', 'NetworkPolicy', 'Service']);
  expect(only(objects, 'Deployment')['spec']).toMatchObject({
    replicas: 2,
    strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
    template: {
      metadata: { labels: { app: 'mine', 'slipway.dev/workspace': 'chat' }, annotations: { note: 'x' } },
    },
  });
  expect(only(objects, 'Service')['spec']).toMatchObject({ ports: [{ port: 80, targetPort: 5000 }] });
});

test("the user's affinity stays; node selection and tolerations are added", () => {
  const pod = podOf(render());
  expect(pod.affinity).toEqual(AFFINITY);
  expect(pod.nodeSelector).toEqual({ pool: 'b', ...SCHEDULING.nodeSelector });
  expect(pod.tolerations).toEqual([...SCHEDULING.tolerations, { key: 'dedicated', operator: 'Exists' }]);
});

test('the proxy reaches its containers, and the rest of them is as it was', () => {
  const [container] = podOf(render()).containers;
  expect(container).toMatchObject({
    name: 'main',
    image: 'example.com/server:1',
    ports: [{ containerPort: 5000 }],
  });
  expect(container?.env).toContainEqual({ name: 'https_proxy', value: 'http://proxy:1' });
});

test('a template without containers is refused, and a loose one warned about', () => {
  const given = (template: PodTemplateSpec) =>
    decision({ workspace: workspace({ inference: inference({ preset: null, template }) }) });
  expect(checkTemplate(given({ spec: { containers: [] } }))).toMatchObject([
    { severity: 'error', code: 'template-without-containers' },
  ]);
  const found = checkTemplate(given(TEMPLATE));
  expect(found.length).toBeGreaterThan(0);
  expect(
    found.every(({ severity, code }) => severity === 'warning' && code === 'pod-security-deviation'),
  ).toBe(true);
});
