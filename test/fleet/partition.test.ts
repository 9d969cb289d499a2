import { parse } from 'yaml';
import type { Deployment } from 'kubernetes-types/apps/v1';
import {
  Cluster,
  Fleet,
  InvalidInputError,
  Workspace,
  type OwnNodesProvisioning,
  type PartitionProps,
} from '../../src';

const GPU = { product: 'NVIDIA-A100-SXM4-80GB', count: 8, memoryGiB: 80 };

function render(
  partition: PartitionProps | undefined,
  gpu: Partial<OwnNodesProvisioning['gpu']> = {},
  model = 'phi-4',
) {
  const fleet = new Fleet();
  const cluster = new Cluster(fleet, 'lab', {
    nodeProvisioning: { kind: 'ownNodes', gpu: { ...GPU, ...gpu }, cpu: 96, memoryGiB: 960 },
  });
  new Workspace(cluster, 'chat', {
    ...(partition !== undefined && { resource: { partition } }),
    inference: { preset: { name: model } },
  });
  try {
    const { tree, decisions } = fleet.render();
    const text = tree.get('lab/default/chat/deployment-chat.yaml') ?? '';
    const [server] = (parse(text) as Deployment).spec?.template.spec?.containers ?? [];
    return { resources: server?.resources?.requests, placement: decisions[0]?.placement, problems: [] };
  } catch (error) {
    if (error instanceof InvalidInputError) return { problems: error.problems };
    throw error;
  }
}

test('some GPUs of a node are asked for, sized for, and paid with their part of its CPU and memory', () => {
  const { resources, placement } = render({ mode: 'accelerator', count: 2 });
  expect(resources).toMatchObject({ 'nvidia.com/gpu': '2', cpu: '16', memory: '168Gi' });
  expect(placement).toMatchObject({ gpusPerNode: 2 });
});

test('own nodes with the same GPUs need not have the same CPUs and memory', () => {
  const fleet = new Fleet();
  for (const [name, cpu] of [
    ['small', 16],
    ['large', 96],
  ] as const) {
    const nodeProvisioning = { kind: 'ownNodes', gpu: GPU, cpu, memoryGiB: 960 } as const;
    new Workspace(new Cluster(fleet, name, { nodeProvisioning }), 'chat', {
      inference: { preset: { name: 'phi-4' } },
    });
  }
  const { decisions } = fleet.render();
  expect(decisions.map(({ placement }) => placement.machine.vcpus)).toEqual([16, 96]);
});

test('a MIG slice is one GPU with the memory of its profile', () => {
  const { resources, placement } = render({ mode: 'mig', profile: '3g.40gb' });
  expect(resources).toMatchObject({ 'nvidia.com/mig-3g.40gb': '1' });
  expect(resources).not.toHaveProperty('nvidia.com/gpu');
  expect(placement).toMatchObject({ gpusPerNode: 1, tensorParallel: 1, usableBytes: 39.5 * 2 ** 30 });
});

test.each<[string, PartitionProps, Partial<OwnNodesProvisioning['gpu']>, string, string]>([
  ['a model that the slice cannot hold', { mode: 'mig', profile: '1g.10gb' }, {}, 'phi-4', 'resource'],
  [
    'a profile that such a GPU cannot have',
    { mode: 'mig', profile: '3g.47gb' },
    {},
    'phi-4',
    'resource.partition.profile',
  ],
  [
    'a profile that the nodes are not cut into',
    { mode: 'mig', profile: '3g.40gb' },
    { migProfiles: ['7g.80gb'] },
    'phi-4',
    'resource.partition.profile',
  ],
  ['more GPUs than a node has', { mode: 'accelerator', count: 9 }, {}, 'phi-4', 'resource.partition.count'],
])('%s is refused with what is there', (_name, partition, gpu, model, field) => {
  const { problems } = render(partition, gpu, model);
  expect(problems.length).toBeGreaterThan(0);
  for (const problem of problems) {
    expect(problem.field.startsWith(field)).toBe(true);
    expect(problem.allowed ?? problem.next).toBeDefined();
  }
});
