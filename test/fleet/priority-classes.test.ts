import { Cluster, Fleet, Workspace, type ClusterProps } from '../../src';
import { clusterFromProps } from '../../src/spec/from-props';

const classes: ClusterProps['priorityClasses'] = {
  urgent: { value: 1000, preempts: true, description: 'people wait' },
  batch: { value: -5 },
};

test('PriorityClasses are made in the platform folder, before any pod that names them', () => {
  const fleet = new Fleet();
  const prod = new Cluster(fleet, 'prod', { priorityClasses: classes });
  new Workspace(prod, 'chat', {
    resource: { instanceType: 'Standard_NC24ads_A100_v4' },
    inference: { preset: { name: 'phi-4-mini-instruct' } },
    pod: { priorityClassName: 'urgent' },
  });
  const { tree } = fleet.render();
  expect(tree.get('prod/platform/priorityclass-urgent.yaml')).toContain(
    'preemptionPolicy: PreemptLowerPriority',
  );
  expect(tree.get('prod/platform/priorityclass-batch.yaml')).toContain('preemptionPolicy: Never');
  expect(tree.get('prod/platform/priorityclass-batch.yaml')).toContain('sync-wave: "-30"');
  expect(tree.get('prod/default/chat/deployment-chat.yaml')).toContain('priorityClassName: urgent');
});

test.each([
  ['system-mine', 1],
  ['Bad Name', 1],
  ['high', 1_000_000_001],
])('%s with value %d is refused', (name, value) => {
  const { problems } = clusterFromProps('prod', { priorityClasses: { [name]: { value } } }, 'prod');
  expect(problems.filter(({ severity }) => severity === 'error')).toHaveLength(1);
});
