import type { ConfigMap, PodSpec } from 'kubernetes-types/core/v1';
import type { Job } from 'kubernetes-types/batch/v1';
import { aksAgentPools } from '../../src/capacity/aks-agent-pools';
import type { PoolsDocument } from '../../src/capacity/aks-agent-pools/document';
import type { CapacityRequest } from '../../src/capacity/contract';
import { provisionCommand } from '../../src/provisioner/cli';
import { leaseName } from '../../src/provisioner/commands/run';
import type { PoolsDocument as AcceptedDocument } from '../../src/provisioner/pools/document';
import { readPools } from '../../src/provisioner/pools/read';
import type { AgentPoolSettings, AksAgentPoolsProvisioning } from '../../src/spec/cluster';
import type { ClusterSpec } from '../../src/spec/normal';
import { nodeGroupName } from '../../src/workload/names';
import { restrictedViolations } from '../../src/workload/pod-security';
import {
  cluster,
  decision,
  machine,
  objectsOf,
  only,
  placement,
  workspace,
  type AnyObject,
} from '../workload/fixtures';

const GIB = 1024 ** 3;
const PROVISIONING: AksAgentPoolsProvisioning = {
  kind: 'aksAgentPools',
  subscriptionId: '00000000-1111-2222-3333-444444444444',
  resourceGroup: 'ml',
  clusterName: 'Prod_West',
  clientId: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
  tenantId: '99999999-8888-7777-6666-555555555555',
};

const aks = (changes: Partial<ClusterSpec> = {}) => cluster({ nodeProvisioning: PROVISIONING, ...changes });

function request(
  changes: Partial<Omit<CapacityRequest, 'decision'>> = {},
  resource: NonNullable<Parameters<typeof workspace>[0]>['resource'] = {},
  of = aks(),
): CapacityRequest {
  const a100 = placement({ machine: machine('Standard_NC24ads_A100_v4') });
  const h100 = placement({ machine: machine('Standard_NC40ads_H100_v5') });
  return {
    decision: decision({
      cluster: of,
      workspace: workspace({ resource }),
      placement: a100,
      candidates: [a100, h100],
    }),
    nodeGroup: nodeGroupName('team-a', 'chat'),
    nodes: 1,
    purpose: 'inference',
    diskBytes: 100.5 * GIB,
    ...changes,
  };
}

function synthesized(requests: readonly CapacityRequest[] = [request()], of = aks()): AnyObject[] {
  return objectsOf((chart) => {
    aksAgentPools.synthesizeCluster?.(chart, of, requests);
  });
}

function textOf(objects: readonly AnyObject[]): string {
  const { data } = only(objects, 'ConfigMap') as Partial<ConfigMap>;
  return data?.['pools.json'] ?? '';
}

function documentOf(objects: readonly AnyObject[]): PoolsDocument {
  return JSON.parse(textOf(objects)) as PoolsDocument;
}

const jobOf = (objects: readonly AnyObject[]) => only(objects, 'Job') as Job & AnyObject;

function podOf(objects: readonly AnyObject[]): PodSpec {
  const pod = jobOf(objects).spec?.template.spec;
  if (!pod) throw new Error('no pod');
  return pod;
}

describe('the document', () => {
  test('has a pool for each Workspace, and the provisioner takes it as it is', () => {
    const objects = synthesized([
      request(),
      request({ nodeGroup: nodeGroupName('team-a', 'tune'), nodes: 2, purpose: 'tuning' }),
    ]);
    const written: AcceptedDocument = documentOf(objects);
    expect(readPools(textOf(objects), 'pools.json')).toEqual(written);
    expect(written).toEqual({
      schemaVersion: 1,
      cluster: { subscriptionId: PROVISIONING.subscriptionId, resourceGroup: 'ml', name: 'Prod_West' },
      owner: 'slipway-system/prod',
      pools: [
        {
          name: expect.stringMatching(/^ws[0-9a-f]{9}$/) as string,
          candidates: [
            { vmSize: 'Standard_NC24ads_A100_v4', gpusPerNode: 1 },
            { vmSize: 'Standard_NC40ads_H100_v5', gpusPerNode: 1 },
          ],
          count: 1,
          osSKU: 'Ubuntu',
          osDiskSizeGB: 128,
          labels: { 'slipway.dev/node-group': 'team-a--chat' },
          taints: ['sku=gpu:NoSchedule'],
          tags: { 'slipway-workspace': 'team-a.chat' },
        },
        expect.objectContaining({ autoscale: { min: 0, max: 2 } }),
      ],
    });
    expect(written.pools[1]).not.toHaveProperty('count');
  });

  test.each([
    ['spot', ['Spot', 'Spot']],
    ['spot-then-on-demand', ['Spot', 'Spot', undefined, undefined]],
    ['on-demand', [undefined, undefined]],
  ] as const)('%s orders the candidates', (capacityType, priorities) => {
    const [pool] = documentOf(synthesized([request({}, { capacityType })])).pools;
    expect(pool?.candidates.map(({ priority }) => priority)).toEqual(priorities);
  });

  test('takes the settings that the cluster has for its pools', () => {
    const settings: AgentPoolSettings = {
      zones: ['1', '2'],
      osDiskType: 'Ephemeral',
      gpuDriver: 'None',
      maxPods: 30,
      subnetId: '/subscriptions/s/resourceGroups/n/providers/Microsoft.Network/virtualNetworks/v/subnets/gpu',
      spotMaxPrice: 2.5,
      evictionPolicy: 'Deallocate',
      tags: { 'cost-center': 'ml' },
      waitFor: { level: 'nodes', nodesTimeoutSeconds: 1200 },
    };
    const of = aks({
      nodeProvisioning: { ...PROVISIONING, azureCloud: 'AZURE_US_GOVERNMENT', pools: settings },
    });
    const objects = synthesized([request({}, { capacityType: 'spot-then-on-demand' }, of)], of);
    expect(readPools(textOf(objects), 'pools.json')).toEqual(documentOf(objects));
    const { zones, spotMaxPrice, evictionPolicy, tags, ...same } = settings;
    const document = documentOf(objects);
    expect(document.cluster.cloud).toBe('AZURE_US_GOVERNMENT');
    expect(document.pools[0]).toMatchObject({
      ...same,
      osDiskSizeGB: 101,
      tags: { ...tags, 'slipway-workspace': 'team-a.chat' },
    });
    expect(document.pools[0]?.candidates).toEqual([
      ...['Standard_NC24ads_A100_v4', 'Standard_NC40ads_H100_v5'].map((vmSize) => ({
        vmSize,
        gpusPerNode: 1,
        zones,
        priority: 'Spot',
        spotMaxPrice,
        evictionPolicy,
      })),
      ...['Standard_NC24ads_A100_v4', 'Standard_NC40ads_H100_v5'].map((vmSize) => ({
        vmSize,
        gpusPerNode: 1,
        zones,
      })),
    ]);
    expect(podOf(objects).containers[0]?.env).toContainEqual({
      name: 'AZURE_AUTHORITY_HOST',
      value: 'https://login.microsoftonline.us/',
    });
  });

  test.each([
    [101, 128],
    [128, 128],
    [129, 256],
    [1, 32],
    [1025, 2048],
  ])('rounds a disk of %i GiB up to the %i GiB that Azure bills anyway', (needed, size) => {
    const [pool] = documentOf(synthesized([request({ diskBytes: needed * GIB })])).pools;
    expect(pool?.osDiskSizeGB).toBe(size);
  });

  test.each([
    [{ maxReplicas: 4 }, { min: 2, max: 8 }],
    [
      { minReplicas: 0, maxReplicas: 4 },
      { min: 0, max: 8 },
    ],
    [
      { minReplicas: 3, maxReplicas: 4 },
      { min: 6, max: 8 },
    ],
  ])('gives a Workspace with autoscaling %j to the cluster’s autoscaler', (autoscaling, bounds) => {
    const asked = request({ nodes: 8 });
    const scaled: CapacityRequest = {
      ...asked,
      decision: {
        ...asked.decision,
        workspace: { ...asked.decision.workspace, operations: { autoscaling } },
      },
    };
    const [pool] = documentOf(synthesized([scaled])).pools;
    expect(pool?.autoscale).toEqual(bounds);
    expect(pool).not.toHaveProperty('count');
  });

  test('names a pool by its node group alone, so that another machine type is no other pool', () => {
    const [first] = documentOf(synthesized()).pools;
    const [second] = documentOf(synthesized([request({ diskBytes: 300 * GIB, nodes: 4 })])).pools;
    expect(second?.name).toBe(first?.name);
  });

  test('stands in an immutable ConfigMap whose name follows the content', () => {
    const map = only(synthesized(), 'ConfigMap');
    expect(map['immutable']).toBe(true);
    expect(map.metadata.name).toMatch(/^slipway-provisioner-pools-[0-9a-f]{8}$/);
    expect(only(synthesized(), 'ConfigMap')).toEqual(map);
    expect(only(synthesized([request({ nodes: 2 })]), 'ConfigMap').metadata.name).not.toBe(map.metadata.name);
    expect(podOf(synthesized()).volumes).toContainEqual({
      name: 'pools',
      configMap: { name: map.metadata.name },
    });
  });
});

describe('the Job', () => {
  test('runs a command that the program has', () => {
    const { args = [] } = podOf(synthesized()).containers[0] ?? {};
    const command = provisionCommand().commands.find((candidate) => candidate.name() === args[1]);
    expect(args[0]).toBe('provision');
    for (const flag of args.slice(2).filter((argument) => argument.startsWith('--'))) {
      expect(command?.options.map(({ long }) => long)).toContain(flag);
    }
  });

  test('is a hook of Argo CD’s sync in a low wave, replaced by the next', () => {
    expect(jobOf(synthesized()).metadata).toMatchObject({
      name: 'slipway-provisioner',
      annotations: {
        'argocd.argoproj.io/hook': 'Sync',
        'argocd.argoproj.io/hook-delete-policy': 'BeforeHookCreation',
        'argocd.argoproj.io/sync-wave': '-5',
      },
    });
  });

  test('has a name with a hash of its content for Flux, and no annotation of Argo CD', () => {
    const flux = aks({ gitOps: 'flux' });
    const job = jobOf(synthesized([request({}, {}, flux)], flux));
    expect(job.metadata.name).toMatch(/^slipway-provisioner-[0-9a-f]{8}$/);
    expect(job.metadata).not.toHaveProperty('annotations');
    const changed = jobOf(synthesized([request({ nodes: 3 }, {}, flux)], flux));
    expect(changed.metadata.name).not.toBe(job.metadata.name);
  });

  test('is never cleaned away by time, and does not repeat what is hopeless', () => {
    const { spec } = jobOf(synthesized());
    expect(spec).not.toHaveProperty('ttlSecondsAfterFinished');
    expect(spec).toMatchObject({ backoffLimit: 2, activeDeadlineSeconds: 3600 });
    expect(spec?.podFailurePolicy?.rules).toEqual([
      {
        action: 'FailJob',
        onExitCodes: { containerName: 'slipway-provisioner', operator: 'In', values: [2, 3, 4, 5, 7] },
      },
      { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
    ]);
    expect(podOf(synthesized()).restartPolicy).toBe('Never');
  });

  test('has time for all pools, and stops by itself before it is stopped', () => {
    const many = Array.from({ length: 30 }, (_, index) =>
      request({ nodeGroup: nodeGroupName('team-a', `m${index}`) }),
    );
    expect(jobOf(synthesized(many)).spec?.activeDeadlineSeconds).toBe(18_000);
    const { args } = podOf(synthesized(many)).containers[0] ?? {};
    expect(args).toEqual(expect.arrayContaining(['--timeout', '17700']));
    expect(args).not.toContain('--allow-scale-down');
  });

  test('has time for the limits that the cluster sets, and takes nodes away where it says so', () => {
    const of = aks({
      nodeProvisioning: {
        ...PROVISIONING,
        allowScaleDown: true,
        pools: { waitFor: { armTimeoutSeconds: 7200, gpuTimeoutSeconds: 1200 } },
      },
    });
    const objects = synthesized([request({}, {}, of)], of);
    expect(jobOf(objects).spec?.activeDeadlineSeconds).toBe(7200 + 900 + 1200 + 300);
    expect(podOf(objects).containers[0]?.args).toContain('--allow-scale-down');
  });

  test('runs on system nodes, restricted, with the workload identity’s token', () => {
    const pod = podOf(synthesized());
    expect(restrictedViolations(pod)).toEqual([]);
    expect(pod.nodeSelector).toEqual({ 'kubernetes.azure.com/mode': 'system' });
    expect(pod.tolerations).toEqual([{ key: 'CriticalAddonsOnly', operator: 'Exists' }]);
    expect(pod.volumes).toContainEqual({
      name: 'azure-identity-token',
      projected: {
        sources: [
          {
            serviceAccountToken: {
              path: 'azure-identity-token',
              audience: 'api://AzureADTokenExchange',
              expirationSeconds: 3600,
            },
          },
        ],
      },
    });
    expect(pod.containers[0]?.env).toContainEqual({
      name: 'AZURE_FEDERATED_TOKEN_FILE',
      value: '/var/run/secrets/azure/tokens/azure-identity-token',
    });
    expect(jobOf(synthesized()).spec?.template.metadata?.labels).toMatchObject({
      'azure.workload.identity/use': 'true',
    });
  });

  test('takes the cluster’s registry, pull secrets, proxy and certificate authorities', () => {
    const of = aks({
      imageRegistry: 'registry.example.com/slipway/',
      imagePullSecrets: ['pull'],
      egress: { httpsProxy: 'http://proxy.example.com:3128', caBundle: { configMap: 'ca' } },
    });
    const objects = synthesized([request({}, {}, of)], of);
    const pod = podOf(objects);
    expect(pod.imagePullSecrets).toEqual([{ name: 'pull' }]);
    expect(pod.containers[0]?.image).toBe('registry.example.com/slipway/cli:0.1.0');
    expect(pod.containers[0]?.env).toEqual(
      expect.arrayContaining([
        { name: 'HTTPS_PROXY', value: 'http://proxy.example.com:3128' },
        { name: 'NODE_EXTRA_CA_CERTS', value: '/etc/slipway/ca/ca.crt' },
      ]),
    );
    expect(JSON.stringify(only(objects, 'NetworkPolicy'))).toContain('"port":3128');
  });
});

describe('its rights', () => {
  test('are to list nodes, to hold its own Lease and to write Events', () => {
    const objects = synthesized();
    expect(only(objects, 'ClusterRole')['rules']).toEqual([
      { apiGroups: [''], resources: ['nodes'], verbs: ['list'] },
    ]);
    expect(only(objects, 'Role')['rules']).toEqual([
      { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create'] },
      {
        apiGroups: ['coordination.k8s.io'],
        resources: ['leases'],
        resourceNames: [leaseName(PROVISIONING.clusterName)],
        verbs: ['get', 'update'],
      },
      { apiGroups: [''], resources: ['events'], verbs: ['create'] },
    ]);
    expect(only(objects, 'ServiceAccount')).toMatchObject({
      automountServiceAccountToken: false,
      metadata: { annotations: { 'azure.workload.identity/client-id': PROVISIONING.clientId } },
    });
  });

  test('on the network leave out the node’s own identity, and nobody may call it', () => {
    const policy = only(synthesized(), 'NetworkPolicy')['spec'] as Record<string, unknown>;
    expect(policy['policyTypes']).toEqual(['Egress', 'Ingress']);
    expect(policy).not.toHaveProperty('ingress');
    expect(JSON.stringify(policy)).toContain('"except":["169.254.0.0/16","168.63.129.16/32"]');
    const [dns] = policy['egress'] as { to: unknown[]; ports: unknown[] }[];
    expect(dns).toEqual({
      to: [
        { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } } },
        { ipBlock: { cidr: '169.254.10.11/32' } },
        { ipBlock: { cidr: '169.254.20.10/32' } },
      ],
      ports: [
        { port: 53, protocol: 'TCP' },
        { port: 53, protocol: 'UDP' },
      ],
    });
  });

  test('stay in the namespace that the cluster names', () => {
    const of = aks({ nodeProvisioning: { ...PROVISIONING, namespace: 'gpu-system' } });
    const objects = synthesized([request({}, {}, of)], of);
    for (const kind of ['Job', 'ConfigMap', 'ServiceAccount', 'Role', 'RoleBinding', 'NetworkPolicy']) {
      expect(only(objects, kind).metadata.namespace).toBe('gpu-system');
    }
    expect(documentOf(objects).owner).toBe('gpu-system/prod');
  });
});

describe('a Workspace', () => {
  test('with a list of machine types needs no remark', () => {
    expect(aksAgentPools.check(request())).toEqual([]);
  });

  test('selects its nodes by our label and the user’s, and gets no object of its own', () => {
    const asked = request({}, { matchLabels: { team: 'ml' } });
    expect(aksAgentPools.scheduling(asked)).toMatchObject({
      nodeSelector: { team: 'ml', 'slipway.dev/node-group': 'team-a--chat' },
    });
    const objects = objectsOf((chart) => {
      aksAgentPools.synthesize(chart, asked);
    });
    expect(objects).toEqual([]);
  });

  test.each([
    ['a label that AKS reserves', request({}, { matchLabels: { agentpool: 'x' } }), 'label-refused-by-aks'],
    [
      'a label of Kubernetes',
      request({}, { matchLabels: { 'node.kubernetes.io/instance-type': 'x' } }),
      'label-refused-by-aks',
    ],
    ['a disk that is too large', request({ diskBytes: 2049 * GIB }), 'disk-too-large'],
    ['a node class', request({}, { nodeClassName: 'gpu' }), 'node-class-without-karpenter'],
    [
      'a part of a node',
      request({}, { partition: { mode: 'mig', count: 1 } as never }),
      'partition-without-own-nodes',
    ],
  ])('with %s is told so', (_what, asked, code) => {
    expect(aksAgentPools.check(asked).map((problem) => problem.code)).toContain(code);
  });
});
