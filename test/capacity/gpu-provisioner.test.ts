import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import fc from 'fast-check';
import { capacityOf } from '../../src/capacity';
import type { WorkspaceSpec } from '../../src/spec/normal';
import type { CapacityRequest } from '../../src/capacity/contract';
import { nodeGroupName } from '../../src/workload/names';
import { cluster, decision, machine, placement, workspace } from '../workload/fixtures';
import { codesOf, nodesOf, request } from './fixtures';

const CLUSTER = cluster({ nodeProvisioning: { kind: 'gpuProvisioner' } });

function asking(changes: Partial<CapacityRequest> = {}): CapacityRequest {
  return request({ decision: decision({ cluster: CLUSTER }), ...changes });
}

const crd = JSON.parse(
  readFileSync(
    join(__dirname, '../../imports/crds/gpu-provisioner-with-kaito-2026-08-21/nodeclaims.karpenter.sh.json'),
    'utf8',
  ),
) as { spec: { versions: { schema: { openAPIV3Schema: { properties: { spec: object } } } }[] } };
const validate = new Ajv({ strict: false, validateFormats: false }).compile(
  crd.spec.versions[0]?.schema.openAPIV3Schema.properties.spec ?? false,
);

test('there is one claim for each node, with what gpu-provisioner reads', () => {
  const claims = nodesOf(asking({ nodes: 2 }));
  expect(claims.map(({ kind }) => kind)).toEqual(['NodeClaim', 'NodeClaim']);
  const [claim] = claims;
  validate(claim?.['spec']);
  expect(validate.errors ?? []).toEqual([]);
  expect(claim?.metadata).toMatchObject({
    labels: { 'slipway.dev/node-group': 'team-a--chat', 'karpenter.sh/nodepool': 'kaito' },
    annotations: { 'karpenter.sh/do-not-disrupt': 'true', 'kaito.sh/node-image-family': 'ubuntu' },
  });
  expect(claim?.['spec']).toMatchObject({
    expireAfter: 'Never',
    nodeClassRef: { group: 'kaito.sh', kind: 'KaitoNodeClass', name: 'default' },
    resources: { requests: { storage: '100Gi' } },
    taints: [{ key: 'sku', value: 'gpu', effect: 'NoSchedule' }],
  });
});

test("no claim has KAITO's workspace label, for which its garbage collector deletes nodes", () => {
  expect(Object.keys(nodesOf(asking())[0]?.metadata['labels'] ?? {})).not.toContain('kaito.sh/workspace');
});

test('names are those of AKS agent pools, the same on every run and different for every node', () => {
  const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,40}[a-z0-9])?$/);
  fc.assert(
    fc.property(label, label, fc.integer({ min: 1, max: 6 }), (namespace, name, nodes) => {
      const given = asking({
        nodes,
        nodeGroup: nodeGroupName(namespace, name),
        decision: decision({ cluster: CLUSTER, workspace: workspace({ namespace, name }) }),
      });
      const names = nodesOf(given).map(({ metadata }) => metadata.name);
      for (const claim of names) expect(claim).toMatch(/^[a-z][a-z0-9]{0,11}$/);
      expect(new Set(names).size).toBe(nodes);
      expect(nodesOf(given).map(({ metadata }) => metadata.name)).toEqual(names);
    }),
  );
});

test('a changed claim is a new one, since a claim can never be changed', () => {
  const nameOf = (given: CapacityRequest) => nodesOf(given)[0]?.metadata.name;
  expect(nameOf(asking({ diskBytes: 200 * 1024 ** 3 }))).not.toBe(nameOf(asking()));
  const other = decision({
    cluster: CLUSTER,
    placement: placement({ machine: machine('Standard_NC40ads_H100_v5') }),
  });
  expect(nameOf(asking({ decision: other }))).not.toBe(nameOf(asking()));
});

test('who sorts the labels of a selector gets no other nodes', () => {
  const namesFor = (matchLabels: Record<string, string>) =>
    nodesOf(
      asking({
        decision: decision({ cluster: CLUSTER, workspace: workspace({ resource: { matchLabels } }) }),
      }),
    ).map(({ metadata }) => metadata.name);
  expect(namesFor({ a: '1', b: '2' })).toEqual(namesFor({ b: '2', a: '1' }));
});

test('a node that is added leaves the claims of the others as they are', () => {
  const three = nodesOf(asking({ nodes: 3 }));
  expect(three.slice(0, 2)).toEqual(nodesOf(asking({ nodes: 2 })));
});

test('pods select the labels that the nodes get', () => {
  const given = asking({
    decision: decision({
      cluster: CLUSTER,
      workspace: workspace({ resource: { matchLabels: { apps: 'phi-3' } } }),
    }),
  });
  const { nodeSelector } = capacityOf(CLUSTER).scheduling(given);
  expect(nodeSelector).toEqual({ apps: 'phi-3', 'slipway.dev/node-group': 'team-a--chat' });
  expect(nodesOf(given)[0]?.metadata['labels']).toMatchObject(nodeSelector);
});

test('what it cannot honour is refused: spot, parts of GPUs, other clouds, large disks', () => {
  const given = asking({
    diskBytes: 3000 * 1024 ** 3,
    decision: decision({
      cluster: { ...CLUSTER, cloud: 'aws' },
      workspace: workspace({
        resource: { capacityType: 'spot', partition: { mode: 'accelerator', count: 1 } },
      }),
      candidates: [placement(), placement({ machine: machine('Standard_NC40ads_H100_v5') })],
    }),
  });
  expect(codesOf(given)).toEqual([
    'error partition-without-own-nodes',
    'error spot-not-supported',
    'error provisioner-of-other-cloud',
    'warning only-first-machine-type',
    'error disk-too-large',
  ]);
});

test('labels that its agent pools cannot have are refused, and a node class is warned about', () => {
  const codesFor = (resource: Partial<WorkspaceSpec['resource']>) =>
    codesOf(asking({ decision: decision({ cluster: CLUSTER, workspace: workspace({ resource }) }) }));
  expect(codesFor({ matchLabels: { apps: 'phi-3' } })).toEqual([]);
  for (const key of ['agentpool', 'kubernetes.io/hostname', 'karpenter.sh/nodepool'])
    expect(codesFor({ matchLabels: { [key]: 'x' } })).toEqual(['error label-refused-by-aks']);
  expect(codesFor({ nodeClassName: 'mine' })).toEqual(['warning node-class-without-karpenter']);
});
