import { capacityOf } from '../../src/capacity';
import type { CapacityRequest } from '../../src/capacity/contract';
import type { WorkspaceSpec } from '../../src/spec/normal';
import { cluster, decision, workspace } from '../workload/fixtures';
import { codesOf, nodesOf, request } from './fixtures';

const CLUSTER = cluster({
  nodeProvisioning: { kind: 'ownNodes', gpu: { product: 'NVIDIA-A100-SXM4-80GB', count: 4, memoryGiB: 80 } },
});

function asking(resource: Partial<WorkspaceSpec['resource']> = {}): CapacityRequest {
  return request({ decision: decision({ cluster: CLUSTER, workspace: workspace({ resource }) }) });
}

test('nothing is made for nodes that exist', () => {
  expect(nodesOf(asking())).toEqual([]);
});

test("pods select nodes by their GPU and the user's labels", () => {
  const given = asking({ matchLabels: { apps: 'phi-3' } });
  expect(capacityOf(CLUSTER).scheduling(given).nodeSelector).toEqual({
    apps: 'phi-3',
    'nvidia.com/gpu.product': 'NVIDIA-A100-SXM4-80GB',
  });
});

test('a GPU that the user selects is the one that the Cluster states', () => {
  const asked = (product: string) => codesOf(asking({ matchLabels: { 'nvidia.com/gpu.product': product } }));
  expect(asked('NVIDIA-A100-SXM4-80GB')).toEqual([]);
  expect(asked('NVIDIA-H100-80GB-HBM3')).toEqual(['error contradiction']);
});

test('pods with a MIG slice tolerate the taint of its profile', () => {
  const given = asking({ partition: { mode: 'mig', profile: '3g.40gb' } });
  expect(codesOf(given)).toEqual([]);
  expect(capacityOf(CLUSTER).scheduling(given).tolerations).toContainEqual({
    key: 'nvidia.com/mig-3g.40gb',
    operator: 'Exists',
    effect: 'NoSchedule',
  });
});

test('what nodes that exist cannot give is refused', () => {
  expect(codesOf(asking({ capacityType: 'spot', nodeClassName: 'x' }))).toEqual([
    'error spot-not-supported',
    'error node-class-without-karpenter',
  ]);
  expect(codesOf(asking({ partition: { mode: 'accelerator', count: 5 } }))).toEqual([
    'error partition-larger-than-node',
  ]);
  expect(codesOf(asking({ partition: { mode: 'accelerator', count: 4 } }))).toEqual([]);
});
