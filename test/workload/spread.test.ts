import type { Deployment } from 'kubernetes-types/apps/v1';
import { checkTemplate, synthesizeInference, synthesizeTemplate } from '../../src/workload';
import { checkOperations } from '../../src/workload/operations';
import {
  cluster,
  decision,
  groupDecision,
  inference,
  objectsOf,
  only,
  podOf,
  SCHEDULING,
  workspace,
} from './fixtures';

const PREFERENCE = {
  maxSkew: 1,
  topologyKey: 'topology.kubernetes.io/zone',
  whenUnsatisfiable: 'ScheduleAnyway',
  labelSelector: { matchLabels: { 'slipway.dev/workspace': 'chat' } },
  matchLabelKeys: ['pod-template-hash'],
};

test('replicas prefer different zones, and take a GPU elsewhere rather than none', () => {
  const pod = podOf(
    objectsOf((chart) => {
      synthesizeInference(
        chart,
        decision({ workspace: workspace({ operations: { spread: 'zone' } }) }),
        SCHEDULING,
      );
    }),
  );
  expect(pod.topologySpreadConstraints).toEqual([PREFERENCE]);
});

test('nodes that work together, and nodes without a zone, are not spread', () => {
  expect(checkOperations(groupDecision(), { spread: 'node' })).toMatchObject([
    { code: 'spread', field: 'spread', next: 'leave spread out' },
  ]);
  expect(checkOperations(decision(), { spread: 'zone' })).toMatchObject([
    { code: 'spread', next: 'use spread: node' },
  ]);
  expect(checkOperations(decision(), { spread: 'node' })).toEqual([]);
  expect(checkOperations(decision({ cluster: cluster({ cloud: 'aws' }) }), { spread: 'zone' })).toEqual([]);
});

test('a pod template gets what the cluster and the Workspace say of pods, and its own fields win', () => {
  const { defaults } = cluster();
  const render = (spec: object) => {
    const of = decision({
      cluster: cluster({
        defaults: { ...defaults, pod: { priorityClassName: 'low', serviceAccountName: 'models' } },
      }),
      workspace: workspace({
        operations: { spread: 'zone' },
        inference: inference({
          preset: null,
          template: { spec: { containers: [{ name: 'main', image: 'example.com/server:1' }], ...spec } },
        }),
      }),
    });
    expect(checkTemplate(of).filter(({ severity }) => severity === 'error')).toEqual([]);
    const objects = objectsOf((chart) => {
      synthesizeTemplate(chart, of, SCHEDULING);
    });
    return (only(objects, 'Deployment') as unknown as Deployment).spec?.template.spec;
  };
  expect(render({})).toMatchObject({
    priorityClassName: 'low',
    serviceAccountName: 'models',
    topologySpreadConstraints: [PREFERENCE],
  });
  expect(render({ priorityClassName: 'high' })).toMatchObject({ priorityClassName: 'high' });
});
