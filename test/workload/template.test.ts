import type { PodSpec, PodTemplateSpec } from 'kubernetes-types/core/v1';
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
    containers: [
      {
        name: 'main',
        image: 'example.com/server:1',
        ports: [{ containerPort: 5000 }],
        resources: { limits: { 'nvidia.com/gpu': '1' } },
      },
    ],
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

describe('the pod of a template', () => {
  const [main] = TEMPLATE.spec?.containers ?? [];
  const container = { name: 'main', image: 'example.com/server:1', ...main };
  const problemsOf = (spec: Partial<PodSpec>) => {
    const template = { spec: { containers: [container], ...spec } };
    const given = workspace({ inference: inference({ preset: null, template }) });
    const found = checkTemplate(decision({ workspace: given }));
    return found.filter(({ code }) => code !== 'pod-security-deviation');
  };

  test('is taken as it is', () => {
    expect(problemsOf({})).toEqual([]);
    expect(problemsOf({ restartPolicy: 'Always' })).toEqual([]);
  });

  test('serves where the Service sends requests', () => {
    expect(problemsOf({ containers: [{ ...container, ports: [{ containerPort: 8080 }] }] })).toMatchObject([
      { severity: 'warning', code: 'template-without-serving-port' },
    ]);
    expect(problemsOf({ containers: [{ ...container, ports: [] }] })).toEqual([]);
  });

  test('asks for the GPU that its node is for', () => {
    const limits = { 'nvidia.com/mig-3g.40gb': '1' };
    expect(problemsOf({ containers: [{ ...container, resources: { limits } }] })).toEqual([]);
    expect(problemsOf({ containers: [{ ...container, resources: {} }] })).toMatchObject([
      { severity: 'warning', code: 'template-without-gpu' },
    ]);
  });

  test('is one that a Deployment can have', () => {
    expect(problemsOf({ restartPolicy: 'Never', activeDeadlineSeconds: 60 })).toMatchObject([
      { code: 'not-for-a-deployment', field: 'inference.template.spec.restartPolicy' },
      { code: 'not-for-a-deployment', field: 'inference.template.spec.activeDeadlineSeconds' },
    ]);
  });

  test('has each volume once, and mounts no other', () => {
    const volumes = [{ name: 'a', emptyDir: {} }];
    const mounting = { ...container, volumeMounts: [{ name: 'b', mountPath: '/b' }] };
    expect(
      problemsOf({ volumes: [...volumes, { name: 'b', emptyDir: {} }], containers: [mounting] }),
    ).toEqual([]);
    expect(problemsOf({ volumes: [...volumes, ...volumes], containers: [mounting] })).toMatchObject([
      { severity: 'error', code: 'duplicate-name', field: 'inference.template.spec.volumes[1].name' },
      { severity: 'error', code: 'unknown-volume' },
    ]);
  });

  test('has no empty lists, which the API server would forget', () => {
    const spec = podOf(
      render({
        spec: {
          containers: [{ ...container, args: [], volumeMounts: [{ name: 'a', mountPath: '/a' }] }],
          volumes: [{ name: 'a', emptyDir: {} }],
          hostAliases: [],
        },
      }),
    );
    expect(JSON.stringify(spec)).not.toContain('[]');
    expect(spec.volumes).toEqual([{ name: 'a', emptyDir: {} }]);
  });

  test('is reached on the ports of containers that stay beside it', () => {
    const stays = {
      name: 'metrics',
      image: 'example.com/metrics:1',
      restartPolicy: 'Always',
      ports: [{ containerPort: 9100 }],
    };
    const objects = render({ spec: { containers: [container], initContainers: [stays] } });
    expect(only(objects, 'NetworkPolicy')['spec']).toMatchObject({
      ingress: [{ ports: [{ port: 5000 }, { port: 9100 }] }],
    });
  });
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
