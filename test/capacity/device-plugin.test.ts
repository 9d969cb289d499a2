import type { DaemonSet } from 'kubernetes-types/apps/v1';
import { checkDevicePlugin, synthesizeDevicePlugin } from '../../src/capacity/device-plugin';
import type { ClusterProps } from '../../src/spec/cluster';
import { clusterFromProps } from '../../src/spec/from-props';
import type { ClusterSpec } from '../../src/spec/normal';
import { Cluster, Fleet, Workspace } from '../../src';
import { schemaErrors } from '../crds/validate';
import { cluster, objectsOf, only } from '../workload/fixtures';

const render = (changes: Partial<ClusterSpec>) =>
  objectsOf((chart) => {
    synthesizeDevicePlugin(chart, cluster(changes));
  });

test('nothing is made where the cluster has one', () => {
  expect(render({})).toEqual([]);
  expect(render({ devicePlugin: 'cluster' })).toEqual([]);
});

describe('the rendered device plugin', () => {
  const { spec } = only(
    render({ devicePlugin: 'slipway', imagePullSecrets: ['mirror'] }),
    'DaemonSet',
  ) as unknown as DaemonSet;
  const pod = spec?.template.spec;

  test('runs on the nodes that Slipway has made and no others, spot nodes included', () => {
    expect(pod?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution).toEqual({
      nodeSelectorTerms: [{ matchExpressions: [{ key: 'slipway.dev/node-group', operator: 'Exists' }] }],
    });
    expect(pod?.tolerations?.map(({ key }) => key)).toEqual([
      'nvidia.com/gpu',
      'sku',
      'kubernetes.azure.com/scalesetpriority',
    ]);
  });

  test('has no privileges but one folder of the node', () => {
    expect(pod?.containers[0]?.securityContext).toMatchObject({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: true,
    });
    expect(pod?.volumes?.map(({ hostPath }) => hostPath?.path)).toEqual(['/var/lib/kubelet/device-plugins']);
    expect(pod?.imagePullSecrets).toEqual([{ name: 'mirror' }]);
  });

  test('stands in the platform folder, which is applied before any model', () => {
    const fleet = new Fleet();
    const prod = new Cluster(fleet, 'prod', { devicePlugin: 'slipway' });
    new Workspace(prod, 'chat', {
      resource: { instanceType: 'Standard_NC24ads_A100_v4' },
      inference: { preset: { name: 'phi-4-mini-instruct' } },
    });
    const paths = [...fleet.render().tree.keys()];
    expect(paths).toContain('prod/platform/daemonset-nvidia-device-plugin.yaml');
    expect(paths.filter((path) => path.includes('namespace-kube-system'))).toEqual([]);
  });
});

describe('the GPU Operator', () => {
  const operator = { devicePlugin: 'gpuOperator', gpuOperatorVersion: 'v25.3.4' } as const;
  const tolerations = [{ key: 'nvidia.com/gpu' }, { key: 'sku' }];

  test('is an Application of Argo CD, in a namespace that lets it at the node', () => {
    const objects = render(operator);
    const application = only(objects, 'Application');
    expect(schemaErrors({ apiVersion: 'argoproj.io/v1alpha1', ...application })).toEqual([]);
    expect(application).toMatchObject({
      metadata: { namespace: 'argocd', annotations: { 'argocd.argoproj.io/sync-wave': '-30' } },
      spec: {
        source: {
          chart: 'gpu-operator',
          targetRevision: 'v25.3.4',
          helm: {
            valuesObject: {
              driver: { enabled: false },
              operator: { runtimeClass: 'nvidia-container-runtime' },
              daemonsets: { tolerations: [...tolerations, { key: 'kubernetes.azure.com/scalesetpriority' }] },
            },
          },
        },
      },
    });
    expect(only(objects, 'Namespace').metadata).toMatchObject({
      name: 'gpu-operator',
      labels: { 'pod-security.kubernetes.io/enforce': 'privileged' },
    });
  });

  test('is a HelmRelease of Flux', () => {
    const objects = render({ ...operator, gitOps: 'flux', cloud: 'aws' });
    expect(only(objects, 'HelmRelease')['spec']).toMatchObject({
      targetNamespace: 'gpu-operator',
      chart: { spec: { chart: 'gpu-operator', version: 'v25.3.4', sourceRef: { name: 'nvidia' } } },
      values: { driver: { enabled: false }, daemonsets: { tolerations } },
    });
    expect(only(objects, 'HelmRepository')['spec']).toMatchObject({
      url: 'https://helm.ngc.nvidia.com/nvidia',
    });
  });

  test("leaves the engine's own namespace alone", () => {
    const fleet = new Fleet();
    const prod = new Cluster(fleet, 'prod', operator);
    new Workspace(prod, 'chat', {
      resource: { instanceType: 'Standard_NC24ads_A100_v4' },
      inference: { preset: { name: 'phi-4-mini-instruct' } },
    });
    const paths = [...fleet.render().tree.keys()];
    expect(paths).toContain('prod/platform/application-prod.gpu-operator.yaml');
    expect(paths).toContain('prod/platform/namespace-gpu-operator.yaml');
    expect(paths).not.toContain('prod/platform/namespace-argocd.yaml');
  });
});

test.each<[string, Partial<ClusterSpec>]>([
  [
    'own nodes',
    { nodeProvisioning: { kind: 'ownNodes', gpu: { product: 'NVIDIA-A100', count: 1, memoryGiB: 80 } } },
  ],
  ['GKE', { cloud: 'gcp' }],
  [
    'Bottlerocket',
    {
      cloud: 'aws',
      nodeProvisioning: { kind: 'karpenter', aws: { role: 'r', amiAlias: 'bottlerocket@latest' } },
    },
  ],
])('a second device plugin beside that of %s is an error', (_, changes) => {
  for (const devicePlugin of ['slipway', 'gpuOperator'] as const) {
    expect(checkDevicePlugin(cluster({ ...changes, devicePlugin }))).toMatchObject([
      { severity: 'error', code: 'second-device-plugin', field: 'devicePlugin', allowed: 'cluster' },
    ]);
  }
  expect(checkDevicePlugin(cluster(changes))).toEqual([]);
});

test.each<[string, ClusterProps, string[]]>([
  ['an operator without a version', { devicePlugin: 'gpuOperator' }, ['missing-field gpuOperatorVersion']],
  ['a version without an operator', { gpuOperatorVersion: 'v25.3.4' }, ['contradiction gpuOperatorVersion']],
  ['an operator with a version', { devicePlugin: 'gpuOperator', gpuOperatorVersion: 'v25.3.4' }, []],
  [
    'a range of versions',
    { devicePlugin: 'gpuOperator', gpuOperatorVersion: '>=25' },
    ['invalid-value gpuOperatorVersion'],
  ],
])('%s', (_, props, expected) => {
  const { problems } = clusterFromProps('prod', props, 'prod');
  expect(problems.map(({ code, field }) => `${code} ${field}`)).toEqual(expected);
});

describe('on agent pools', () => {
  const nodeProvisioning = {
    kind: 'aksAgentPools',
    subscriptionId: '00000000-0000-0000-0000-000000000000',
    resourceGroup: 'ml',
    clusterName: 'prod',
    clientId: '00000000-0000-0000-0000-000000000000',
    tenantId: '00000000-0000-0000-0000-000000000000',
  } as const;
  const withoutDriver = { ...nodeProvisioning, pools: { gpuDriver: 'None' } } as const;

  test('the Job that waits for GPUs and the plugin that offers them are applied together by Argo CD', () => {
    const wave = (gitOps: 'argocd' | 'flux') => {
      const fleet = new Fleet();
      const prod = new Cluster(fleet, 'prod', { gitOps, devicePlugin: 'slipway', nodeProvisioning });
      new Workspace(prod, 'chat', {
        resource: { instanceType: 'Standard_NC24ads_A100_v4' },
        inference: { preset: { name: 'phi-4-mini-instruct' } },
      });
      return [...fleet.render().tree]
        .filter(([path]) => /platform\/(daemonset|job)-/.test(path))
        .map(([, text]) => /sync-wave: "(-?\d+)"/.exec(text)?.[1]);
    };
    expect(wave('argocd')).toEqual(['-5', '-5']);
    expect(wave('flux')).toEqual([undefined, undefined]);
  });

  test('without a driver the GPU Operator brings it, and the plugin alone is refused', () => {
    const driverOf = (provisioning: ClusterProps['nodeProvisioning']) => {
      const { spec } = clusterFromProps(
        'prod',
        {
          devicePlugin: 'gpuOperator',
          gpuOperatorVersion: 'v25.3.4',
          ...(provisioning && { nodeProvisioning: provisioning }),
        },
        'prod',
      );
      return JSON.stringify(
        only(
          objectsOf((chart) => {
            synthesizeDevicePlugin(chart, spec);
          }),
          'Application',
        ),
      );
    };
    expect(driverOf(nodeProvisioning)).toContain('"driver":{"enabled":false},"toolkit":{"enabled":false}');
    expect(driverOf(withoutDriver)).toContain('"driver":{"enabled":true},"toolkit":{"enabled":true}');
    expect(driverOf(withoutDriver)).not.toContain('runtimeClass');
    expect(
      checkDevicePlugin(cluster({ devicePlugin: 'slipway', nodeProvisioning: withoutDriver })).map(
        ({ code }) => code,
      ),
    ).toEqual(['no-gpu-driver']);
    expect(checkDevicePlugin(cluster({ devicePlugin: 'slipway', nodeProvisioning }))).toEqual([]);
  });
});
