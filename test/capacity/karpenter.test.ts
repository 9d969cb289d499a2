import fc from 'fast-check';
import { capacityOf } from '../../src/capacity';
import type { CapacityRequest } from '../../src/capacity/contract';
import type { NodePoolSpec } from '../../src/capacity/crd/node-pool-spec';
import { isKubernetesObject } from '../../src/gitops/object';
import type { Cloud, KarpenterProvisioning } from '../../src/spec/cluster';
import type { WorkspaceSpec } from '../../src/spec/normal';
import type { CapacityType } from '../../src/spec/workspace';
import { schemaErrors } from '../crds/validate';
import {
  cluster,
  decision,
  inference,
  machine,
  only,
  placement,
  workspace,
  type AnyObject,
} from '../workload/fixtures';
import { codesOf, nodesOf, request } from './fixtures';

const GIB = 1024 ** 3;
const AWS = { role: 'KarpenterNodeRole-prod' };

function asking(
  options: {
    readonly cloud?: Cloud;
    readonly provisioning?: Omit<KarpenterProvisioning, 'kind'>;
    readonly resource?: Partial<WorkspaceSpec['resource']>;
    readonly pod?: WorkspaceSpec['pod'];
    readonly machines?: readonly string[];
  } = {},
  changes: Partial<CapacityRequest> = {},
): CapacityRequest {
  const cloud = options.cloud ?? 'azure';
  const machines = options.machines ?? [
    cloud === 'aws' ? 'p5.48xlarge' : cloud === 'gcp' ? 'a2-ultragpu-1g' : 'Standard_NC24ads_A100_v4',
  ];
  const candidates = machines.map((name) => placement({ machine: machine(name, cloud) }));
  return request({
    decision: decision({
      cluster: cluster({ cloud, nodeProvisioning: { kind: 'karpenter', ...options.provisioning } }),
      workspace: workspace({ resource: options.resource ?? {}, pod: options.pod ?? {} }),
      candidates,
    }),
    ...changes,
  });
}

function poolSpec(objects: readonly AnyObject[]): NodePoolSpec {
  return only(objects, 'NodePool')['spec'] as NodePoolSpec;
}

function valuesOf(spec: NodePoolSpec, key: string): readonly string[] | undefined {
  return spec.template.spec.requirements.find((requirement) => requirement.key === key)?.values;
}

test('each Workspace has a NodePool whose nodes only its pods select and tolerate', () => {
  const given = asking({ resource: { matchLabels: { apps: 'phi-3' } } });
  const pool = only(nodesOf(given), 'NodePool');
  expect(pool.metadata).toMatchObject({ name: 'team-a--chat', labels: { 'slipway.dev/workspace': 'chat' } });
  const { template } = poolSpec(nodesOf(given));
  const { nodeSelector, tolerations } = capacityOf(given.decision.cluster).scheduling(given);
  expect(template.metadata?.labels).toEqual({ apps: 'phi-3', 'slipway.dev/node-group': 'team-a--chat' });
  expect(nodeSelector).toEqual(template.metadata?.labels);
  for (const { key, value, effect } of template.spec.taints ?? []) {
    expect(tolerations).toContainEqual({ key, operator: 'Equal', value, effect });
  }
});

test('machine types from cheap to dear are one pool, in which Karpenter takes the cheapest to be had', () => {
  const spec = poolSpec(
    nodesOf(asking({ machines: ['Standard_NC24ads_A100_v4', 'Standard_NC40ads_H100_v5'] })),
  );
  expect(valuesOf(spec, 'node.kubernetes.io/instance-type')).toEqual([
    'Standard_NC24ads_A100_v4',
    'Standard_NC40ads_H100_v5',
  ]);
  expect(spec.weight).toBeUndefined();
  expect(valuesOf(spec, 'karpenter.sh/capacity-type')).toEqual(['on-demand']);
  expect(valuesOf(spec, 'kubernetes.io/arch')).toEqual(['amd64']);
  expect(valuesOf(spec, 'karpenter.azure.com/placement-scope')).toEqual(['regional']);
});

test('machine types in any other order are pools of their own, preferred in that order', () => {
  const pools = nodesOf(
    asking({ machines: ['Standard_NC40ads_H100_v5', 'Standard_NC24ads_A100_v4'] }, { nodes: 2 }),
  ).filter(({ kind }) => kind === 'NodePool');
  expect(
    pools.map(({ metadata, spec }) => [
      metadata.name,
      (spec as NodePoolSpec).weight,
      valuesOf(spec as NodePoolSpec, 'node.kubernetes.io/instance-type'),
      (spec as NodePoolSpec).limits,
    ]),
  ).toEqual([
    ['team-a--chat', 100, ['Standard_NC40ads_H100_v5'], { nodes: '4', 'nvidia.com/gpu': '4' }],
    ['team-a--chat-2', 99, ['Standard_NC24ads_A100_v4'], { nodes: '4', 'nvidia.com/gpu': '4' }],
  ]);
});

test('there is room for the nodes of the Workspace twice, so that a change of machine type can pass, and for no more', () => {
  const whole = asking({ machines: ['Standard_NC96ads_A100_v4'] }, { nodes: 3 });
  expect(poolSpec(nodesOf(whole)).limits).toEqual({ nodes: '6', 'nvidia.com/gpu': '24' });
  const part = {
    ...whole,
    decision: {
      ...whole.decision,
      candidates: [placement({ machine: machine('Standard_NC96ads_A100_v4'), gpusPerNode: 2 })],
    },
  };
  expect(poolSpec(nodesOf(part)).limits).toEqual({ nodes: '6', 'nvidia.com/gpu': '24' });
});

test('a node with a model on it is never taken away by Karpenter', () => {
  const spec = poolSpec(nodesOf(asking()));
  expect(spec.template.spec.expireAfter).toBe('Never');
  expect(spec.disruption).toEqual({
    consolidationPolicy: 'WhenEmpty',
    consolidateAfter: '30m',
    budgets: [
      { nodes: '100%', reasons: ['Empty'] },
      { nodes: '0', reasons: ['Drifted', 'Underutilized'] },
    ],
  });
});

test("a tuning Job's node goes away soon after it", () => {
  expect(poolSpec(nodesOf(asking({}, { purpose: 'tuning' }))).disruption?.consolidateAfter).toBe('5m');
});

test('spot is asked for alone, or preferred by a pool of its own with on-demand behind it', () => {
  const spot = asking({ resource: { capacityType: 'spot' } });
  expect(valuesOf(poolSpec(nodesOf(spot)), 'karpenter.sh/capacity-type')).toEqual(['spot']);
  expect(capacityOf(spot.decision.cluster).scheduling(spot).tolerations).toContainEqual({
    key: 'kubernetes.azure.com/scalesetpriority',
    operator: 'Equal',
    value: 'spot',
    effect: 'NoSchedule',
  });
  const pools = nodesOf(asking({ resource: { capacityType: 'spot-then-on-demand' } })).filter(
    ({ kind }) => kind === 'NodePool',
  );
  expect(
    pools.map(({ metadata, spec }) => [
      metadata.name,
      (spec as NodePoolSpec).weight,
      valuesOf(spec as NodePoolSpec, 'karpenter.sh/capacity-type'),
    ]),
  ).toEqual([
    ['team-a--chat-spot', 100, ['spot']],
    ['team-a--chat', 99, ['on-demand']],
  ]);
});

test('a static pool holds its number of nodes, limits nothing else, and says which gate it needs', () => {
  const given = asking({ provisioning: { staticCapacity: true } }, { nodes: 2 });
  const spec = poolSpec(nodesOf(given));
  expect(spec).toMatchObject({ replicas: 2, limits: { nodes: '2' } });
  expect(Object.keys(spec.limits ?? {})).toEqual(['nodes']);
  expect(spec.weight).toBeUndefined();
  expect(codesOf(given)).toEqual(['warning static-capacity-gate']);
  expect(
    codesOf(
      asking({ provisioning: { staticCapacity: true }, resource: { capacityType: 'spot-then-on-demand' } }),
    ),
  ).toContain('error static-capacity-without-fallback');
  expect(poolSpec(nodesOf({ ...given, purpose: 'tuning' })).replicas).toBeUndefined();
});

describe('on Azure', () => {
  test('a node class with a disk that holds the model is made and named', () => {
    const objects = nodesOf(asking({}, { diskBytes: 150 * GIB + 1 }));
    expect(only(objects, 'AKSNodeClass')['spec']).toEqual({ imageFamily: 'Ubuntu2204', osDiskSizeGB: 151 });
    expect(poolSpec(objects).template.spec.nodeClassRef).toEqual({
      group: 'karpenter.azure.com',
      kind: 'AKSNodeClass',
      name: 'team-a--chat',
    });
  });

  test('a disk beyond the largest is refused with the ways out', () => {
    expect(codesOf(asking({}, { diskBytes: 2048 * GIB }))).toEqual([]);
    expect(codesOf(asking({}, { diskBytes: 2049 * GIB }))).toEqual(['error disk-too-large']);
  });

  test("the Workspace's image family wins over the cluster's", () => {
    const family = (imageFamily: string | undefined, nodeImageFamily: 'ubuntu' | 'azurelinux' | null) =>
      only(
        nodesOf(
          asking({
            provisioning: imageFamily === undefined ? {} : { imageFamily },
            resource: { nodeImageFamily },
          }),
        ),
        'AKSNodeClass',
      )['spec'];
    expect(family(undefined, 'azurelinux')).toMatchObject({ imageFamily: 'AzureLinux' });
    expect(family('AzureLinux', null)).toMatchObject({ imageFamily: 'AzureLinux' });
    expect(family('AzureLinux', 'ubuntu')).toMatchObject({ imageFamily: 'Ubuntu2204' });
    expect(family('Ubuntu2404', 'ubuntu')).toMatchObject({ imageFamily: 'Ubuntu2404' });
    expect(codesOf(asking({ provisioning: { imageFamily: 'Windows' } }))).toEqual([
      'error unknown-image-family',
    ]);
  });
});

describe('on AWS', () => {
  test('a node class finds its network by the tag of the cluster and has an encrypted disk', () => {
    const spec = only(nodesOf(asking({ cloud: 'aws', provisioning: { aws: AWS } })), 'EC2NodeClass')['spec'];
    expect(spec).toEqual({
      role: 'KarpenterNodeRole-prod',
      amiSelectorTerms: [{ alias: 'al2023@latest' }],
      subnetSelectorTerms: [{ tags: { 'karpenter.sh/discovery': 'prod' } }],
      securityGroupSelectorTerms: [{ tags: { 'karpenter.sh/discovery': 'prod' } }],
      blockDeviceMappings: [
        {
          deviceName: '/dev/xvda',
          ebs: { volumeSize: '100Gi', volumeType: 'gp3', encrypted: true, deleteOnTermination: true },
        },
      ],
      metadataOptions: {
        httpEndpoint: 'enabled',
        httpProtocolIPv6: 'disabled',
        httpTokens: 'required',
        httpPutResponseHopLimit: 1,
      },
    });
  });

  test('weights on NVMe make the instance store the disk of the pods', () => {
    const given = asking({ cloud: 'aws', provisioning: { aws: AWS } });
    const weights = { from: 'download', volume: 'nvme' } as const;
    const spec = only(
      nodesOf({
        ...given,
        decision: { ...given.decision, workspace: workspace({ inference: inference({ weights }) }) },
      }),
      'EC2NodeClass',
    )['spec'];
    expect(spec).toMatchObject({ instanceStorePolicy: 'RAID0' });
  });

  test('Bottlerocket keeps pods on its second disk', () => {
    const aws = { ...AWS, amiAlias: 'bottlerocket@v1.40.0', discoveryTag: 'shared' };
    const spec = only(nodesOf(asking({ cloud: 'aws', provisioning: { aws } })), 'EC2NodeClass')['spec'];
    expect(spec).toMatchObject({
      blockDeviceMappings: [{ deviceName: '/dev/xvdb' }],
      subnetSelectorTerms: [{ tags: { 'karpenter.sh/discovery': 'shared' } }],
    });
  });

  test('without a role nothing can be made', () => {
    expect(codesOf(asking({ cloud: 'aws' }))).toEqual(['error missing-aws-role']);
  });
});

test('on Google Cloud a class has to be named; it is then referred to', () => {
  expect(codesOf(asking({ cloud: 'gcp' }))).toEqual(['error missing-node-class']);
  const named = asking({ cloud: 'gcp', provisioning: { nodeClass: { name: 'gpu' } } });
  expect(capacityOf(named.decision.cluster).check(named)).toMatchObject([
    { severity: 'warning', code: 'unchecked-node-class', next: 'see that the class has such a disk' },
  ]);
  expect(poolSpec(nodesOf(named)).template.spec.nodeClassRef).toEqual({
    group: 'karpenter.k8s.gcp',
    kind: 'GCENodeClass',
    name: 'gpu',
  });
});

test("the Workspace's node class wins over the cluster's; none is made then, and its disk is asked for", () => {
  const given = asking({
    provisioning: { nodeClass: { name: 'of-cluster' } },
    resource: { nodeClassName: 'of-workspace' },
  });
  expect(nodesOf(given).map(({ kind }) => kind)).toEqual(['NodePool']);
  expect(poolSpec(nodesOf(given)).template.spec.nodeClassRef.name).toBe('of-workspace');
  expect(capacityOf(given.decision.cluster).check(given)).toMatchObject([
    {
      code: 'unchecked-node-class',
      field: 'resource.nodeClassName',
      message: expect.stringContaining('100 GiB') as string,
    },
  ]);
});

test.each([
  ['karpenter.sh/nodepool', true],
  ['compute.karpenter.sh/x', true],
  ['kubernetes.io/hostname', true],
  ['slipway.dev/node-group', true],
  ['accelerator', true],
  ['topology.kubernetes.io/zone', false],
  ['team.example.com/pool', false],
])('label %s on nodes: refused %s', (key, isRefused) => {
  const codes = codesOf(asking({ resource: { matchLabels: { [key]: 'x' } } }));
  expect(codes).toEqual(isRefused ? ['error label-refused-by-karpenter'] : []);
});

test.each([
  ['node.kubernetes.io/instance-type', 'Standard_NC24ads_A100_v4', 'Standard_NC40ads_H100_v5'],
  ['karpenter.sh/capacity-type', 'on-demand', 'spot'],
  ['kubernetes.io/arch', 'amd64', 'arm64'],
  ['kubernetes.io/os', 'linux', 'windows'],
])('label %s may say again what is bought, %s, and nothing else', (key, bought, other) => {
  const asked = (value: string) => codesOf(asking({ resource: { matchLabels: { [key]: value } } }));
  expect(asked(bought)).toEqual([]);
  expect(asked(other)).toEqual(['error label-contradicts-machine']);
});

test.each([
  ['zone', true],
  ['nvidia.com/gpu.product', true],
  ['topology.kubernetes.io/zone', false],
  ['karpenter.azure.com/sku-gpu-name', false],
  ['team.example.com/pool', false],
])('pods that select nodes by %s would wait for ever: %s', (key, isForEver) => {
  const given = asking({
    pod: { nodeSelector: { [key]: 'x' } },
    resource: { matchLabels: { 'team.example.com/pool': 'x' } },
  });
  expect(codesOf(given)).toEqual(isForEver ? ['error selector-without-nodes'] : []);
});

test('parts of GPUs exist on own nodes only', () => {
  expect(codesOf(asking({ resource: { partition: { mode: 'mig', profile: '1g.10gb' } } }))).toEqual([
    'error partition-without-own-nodes',
  ]);
});

test('what is made passes the schemas and rules of the CRDs, whatever is asked for', () => {
  const capacityTypes: CapacityType[] = ['on-demand', 'spot', 'spot-then-on-demand'];
  fc.assert(
    fc.property(
      fc.constantFrom<Cloud>('azure', 'aws'),
      fc.constantFrom(...capacityTypes),
      fc.boolean(),
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 1, max: 2048 }),
      fc.constantFrom<'inference' | 'tuning'>('inference', 'tuning'),
      (cloud, capacityType, staticCapacity, nodes, diskGiB, purpose) => {
        const given = asking(
          { cloud, provisioning: { staticCapacity, aws: AWS }, resource: { capacityType } },
          { nodes, diskBytes: diskGiB * GIB, purpose },
        );
        fc.pre(!codesOf(given).some((code) => code.startsWith('error')));
        for (const object of nodesOf(given)) {
          if (!isKubernetesObject(object)) throw new Error('no object');
          expect(schemaErrors(object)).toEqual([]);
          if (object.kind === 'NodePool') expectRulesOfNodePool(object['spec'] as unknown as NodePoolSpec);
        }
      },
    ),
    { numRuns: 60 },
  );
});

/** The CEL rules of karpenter.sh/v1 that the schema cannot say. */
function expectRulesOfNodePool(spec: NodePoolSpec): void {
  if (spec.replicas !== undefined) {
    expect(Object.keys(spec.limits ?? {})).toEqual(['nodes']);
    expect(spec.weight).toBeUndefined();
  }
  for (const { operator, values } of spec.template.spec.requirements) {
    if (operator === 'In') expect(values?.length).toBeGreaterThan(0);
  }
  for (const { schedule, duration } of spec.disruption?.budgets ?? []) {
    expect(schedule === undefined).toBe(duration === undefined);
  }
}
