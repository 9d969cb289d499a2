import { App, Chart } from 'cdk8s';
import type { KubernetesObject } from '../../../src/gitops/object';
import type { OperationsProps } from '../../../src/spec/operations';
import { checkOperations, synthesizeOperations } from '../../../src/workload/operations';
import { hasCrd, schemaErrors } from '../../crds/validate';
import { decision, groupDecision, workspace } from '../fixtures';

function objectsOf(operations: OperationsProps, of = decision()): KubernetesObject[] {
  const chart = new Chart(new App(), 'chart');
  synthesizeOperations(chart, of, operations);
  return chart.toJson() as KubernetesObject[];
}

function only(operations: OperationsProps, kind: string, of = decision()): KubernetesObject {
  const found = objectsOf(operations, of).filter((object) => object.kind === kind);
  const [object] = found;
  if (object === undefined || found.length > 1) throw new Error(`${found.length} objects of kind ${kind}`);
  return object;
}

const everything: OperationsProps = {
  autoscaling: { maxReplicas: 4 },
  disruptionBudget: {},
  monitoring: { dashboard: true, labels: { release: 'prometheus' } },
  route: {
    gateway: { name: 'public', namespace: 'gateways' },
    hostnames: ['chat.example.com'],
    path: '/chat-model',
  },
};

test('nothing is made unless it is asked for', () => {
  expect(objectsOf({})).toEqual([]);
});

test("every custom object passes its CRD's schema, without unknown fields", () => {
  const custom = objectsOf(everything).filter(hasCrd);
  expect(custom.map(({ kind }) => kind).sort()).toEqual(['HTTPRoute', 'PodMonitor', 'ScaledObject']);
  for (const object of custom) expect(schemaErrors(object)).toEqual([]);
});

test('KEDA scales the Deployment by the requests that wait', () => {
  const spec = only(everything, 'ScaledObject')['spec'] as { triggers: { metadata: { query: string } }[] };
  expect(spec).toMatchObject({
    scaleTargetRef: { kind: 'Deployment', name: 'chat' },
    minReplicaCount: 1,
    maxReplicaCount: 4,
    triggers: [{ type: 'prometheus', metadata: { threshold: '5' } }],
  });
  expect(spec.triggers[0]?.metadata.query).toContain('vllm:num_requests_waiting');
});

test('scaling to zero brings the query that wakes the model', () => {
  const spec = only(
    { autoscaling: { minReplicas: 0, maxReplicas: 1, wakeQuery: 'sum(gateway_requests)' } },
    'ScaledObject',
  )['spec'];
  expect(spec).toMatchObject({
    minReplicaCount: 0,
    cooldownPeriod: 900,
    triggers: [{}, { metadata: { query: 'sum(gateway_requests)', activationThreshold: '0' } }],
  });
});

test('without KEDA an HPA reads the custom metric', () => {
  expect(
    only({ autoscaling: { by: 'hpa', maxReplicas: 3 } }, 'HorizontalPodAutoscaler')['spec'],
  ).toMatchObject({
    minReplicas: 1,
    metrics: [{ pods: { metric: { name: 'vllm_num_requests_waiting' }, target: { averageValue: '5' } } }],
  });
});

/** Replicas of `nodes` pods each that are down when a drain has taken what the budget allows, in the worst case. */
function worstDrain(maxUnavailable: number | string, nodes: number, replicas: number): number {
  const of = nodes === 1 ? decision() : groupDecision({ placement: { ...groupDecision().placement, nodes } });
  const { spec } = only({ disruptionBudget: { maxUnavailable } }, 'PodDisruptionBudget', of);
  const bound = (spec as { maxUnavailable: number | string }).maxUnavailable;
  const pods = nodes * replicas;
  // The API server rounds a share up.
  const evicted = typeof bound === 'number' ? bound : Math.ceil((Number.parseInt(bound, 10) * pods) / 100);
  return Math.min(evicted, replicas);
}

test.each([
  [1, 1, 3, 1],
  [2, 2, 4, 2],
  ['50%', 1, 4, 2],
  ['50%', 2, 4, 2],
  ['50%', 2, 2, 1],
  ['25%', 4, 4, 1],
  ['1%', 4, 2, 1],
  ['0%', 2, 4, 0],
  ['100%', 2, 4, 4],
])(
  'a budget of %s lets a drain take no more replicas of %i nodes than it says, of %i',
  (maxUnavailable, nodes, replicas, down) => {
    expect(worstDrain(maxUnavailable, nodes, replicas)).toBe(down);
  },
);

test('a pod that never becomes ready does not keep its node from being drained', () => {
  expect(only(everything, 'PodDisruptionBudget')['spec']).toMatchObject({
    unhealthyPodEvictionPolicy: 'AlwaysAllow',
  });
});

test('Prometheus scrapes the pods that serve: workers of a group have no metrics', () => {
  const selectorOf = (of: typeof everyNode) =>
    (only({ monitoring: {} }, 'PodMonitor', of)['spec'] as { selector: { matchLabels: object } }).selector
      .matchLabels;
  const everyNode = decision();
  expect(selectorOf(everyNode)).toEqual({ 'slipway.dev/workspace': 'chat' });
  expect(selectorOf(groupDecision())).toEqual({
    'slipway.dev/workspace': 'chat',
    'apps.kubernetes.io/pod-index': '0',
  });
});

test('the dashboard is JSON whose queries name the Workspace', () => {
  const data = only(everything, 'ConfigMap')['data'] as Record<string, string>;
  const dashboard = JSON.parse(data['chat-dashboard.json'] ?? '') as {
    panels: { targets: { expr: string }[] }[];
  };
  const queries = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
  expect(queries.length).toBeGreaterThan(6);
  for (const query of queries) expect(query).toContain('namespace="team-a"');
});

test('dashboards of Workspaces whose names begin alike have identities of their own', () => {
  const uidOf = (name: string) => {
    const of = decision({ workspace: workspace({ name: `${'a'.repeat(45)}-${name}` }) });
    const config = objectsOf({ monitoring: { dashboard: true } }, of).find(
      ({ kind }) => kind === 'ConfigMap',
    );
    const [text = ''] = Object.values(config?.['data'] as Record<string, string>);
    return (JSON.parse(text) as { uid: string }).uid;
  };
  expect(uidOf('one')).toHaveLength(24);
  expect(uidOf('one')).not.toBe(uidOf('two'));
});

test('the route takes its path prefix off', () => {
  expect(only(everything, 'HTTPRoute')['spec']).toMatchObject({
    rules: [
      {
        filters: [{ urlRewrite: { path: { replacePrefixMatch: '/' } } }],
        backendRefs: [{ name: 'chat', port: 80 }],
      },
    ],
  });
});

describe('what cannot be', () => {
  const codes = (operations: OperationsProps, of = decision()) =>
    checkOperations(of, operations).map(({ field }) => field);

  test('a model over several nodes does not scale', () => {
    expect(codes({ autoscaling: { maxReplicas: 2 } }, groupDecision())).toEqual(['autoscaling']);
  });

  test('bounds are in order', () => {
    expect(codes({ autoscaling: { minReplicas: 3, maxReplicas: 2 } })).toEqual(['autoscaling.minReplicas']);
  });

  test('zero replicas need KEDA and something that wakes them', () => {
    expect(codes({ autoscaling: { by: 'hpa', minReplicas: 0, maxReplicas: 2 } })).toEqual([
      'autoscaling.minReplicas',
      'autoscaling.wakeQuery',
    ]);
  });
});
