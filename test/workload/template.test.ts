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

test("the user's containers stand beside those of the template, and names are looked up as either says", () => {
  const template = {
    ...TEMPLATE,
    spec: { ...TEMPLATE.spec, dnsPolicy: 'Default', containers: TEMPLATE.spec?.containers ?? [] },
  };
  const given = decision({
    workspace: workspace({
      inference: inference({ preset: null, template }),
      pod: {
        sidecars: [{ name: 'logs', image: 'example.com/logs:1' }],
        initContainers: [{ name: 'wait', image: 'example.com/wait:1' }],
        hostAliases: [{ ip: '10.0.0.5', hostnames: ['registry.example.com'] }],
        dnsPolicy: 'ClusterFirst',
      },
    }),
  });
  const pod = podOf(
    objectsOf((chart) => {
      synthesizeTemplate(chart, given, SCHEDULING);
    }),
  );
  expect(pod.containers.map(({ name }) => name)).toEqual(['main', 'logs']);
  expect(pod.initContainers?.map(({ name }) => name)).toEqual(['wait']);
  expect(pod).toMatchObject({ dnsPolicy: 'Default', hostAliases: [{ ip: '10.0.0.5' }] });
});

test('labels that controllers act on are left out of the template, with a warning', () => {
  const labelled = { ...TEMPLATE, metadata: { labels: { app: 'mine', 'kaito.sh/workspace': 'chat' } } };
  const template = only(render(labelled), 'Deployment')['spec'] as { template: PodTemplateSpec };
  expect(template.template.metadata?.labels).toMatchObject({ app: 'mine' });
  expect(template.template.metadata?.labels).not.toHaveProperty(['kaito.sh/workspace']);
  const given = decision({
    workspace: workspace({ inference: inference({ preset: null, template: labelled }) }),
  });
  expect(checkTemplate(given)).toContainEqual(
    expect.objectContaining({
      severity: 'warning',
      code: 'reserved-label',
      field: 'inference.template.metadata.labels["kaito.sh/workspace"]',
    }),
  );
});

test('requests beside a template are warned about: its containers have their own', () => {
  const given = decision({
    workspace: workspace({
      inference: inference({ preset: null, template: TEMPLATE }),
      pod: { resources: { cpu: '2' } },
    }),
  });
  expect(checkTemplate(given)).toContainEqual(
    expect.objectContaining({ severity: 'warning', code: 'ignored-field', field: 'pod.resources' }),
  );
});
