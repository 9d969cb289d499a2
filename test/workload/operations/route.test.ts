import type { RouteProps } from '../../../src/spec/operations';
import { checkOperations, synthesizeOperations } from '../../../src/workload/operations';
import type { Decision } from '../../../src/workload/decision';
import { schemaErrors } from '../../crds/validate';
import { cluster, decision, inference, objectsOf, only, workspace } from '../fixtures';

const GATEWAY = { name: 'public', namespace: 'gateways' };

function route(props: RouteProps, changes: Partial<Decision> = {}) {
  const base = decision(changes);
  const of = {
    ...base,
    workspace: { ...base.workspace, operations: { ...base.workspace.operations, route: props } },
  };
  const found = only(
    objectsOf((chart) => {
      synthesizeOperations(chart, of, of.workspace.operations);
    }),
    'HTTPRoute',
  );
  expect(schemaErrors({ apiVersion: 'gateway.networking.k8s.io/v1', ...found })).toEqual([]);
  return found['spec'];
}

test("a route without a Gateway of its own attaches to the cluster's", () => {
  const own = cluster({ gateway: { ...GATEWAY, sectionName: 'https', implementation: 'istio' } });
  expect(route({}, { cluster: own })).toMatchObject({
    parentRefs: [{ kind: 'Gateway', name: 'public', namespace: 'gateways', sectionName: 'https' }],
  });
  expect(route({ gateway: { name: 'mine' } }, { cluster: own })).toMatchObject({
    parentRefs: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'mine' }],
  });
});

test('neither the Workspace nor the Cluster names a Gateway', () => {
  expect(checkOperations(decision(), { route: {} })).toMatchObject([
    { code: 'missing-field', field: 'route.gateway', message: 'is required: the Cluster names no gateway' },
  ]);
});

test('by model name, a route takes the model and the adapters that have ids of their own', () => {
  const adapters = [
    { name: 'sql', source: { image: 'example.com/sql:1' }, strength: null },
    { name: 'merged', source: { image: 'example.com/merged:1' }, strength: 0.5 },
  ];
  const spec = route(
    { gateway: GATEWAY, path: '/llm', byModelName: true },
    { workspace: workspace({ inference: inference({ adapters }) }) },
  );
  const header = (value: string) => ({
    path: { type: 'PathPrefix', value: '/llm' },
    headers: [{ type: 'Exact', name: 'X-Gateway-Model-Name', value }],
  });
  expect(spec).toMatchObject({ rules: [{ matches: [header('phi-3-mini-4k-instruct'), header('sql')] }] });
});

test('with an InferencePool the route leads to it, else to the Service', () => {
  const pooled = workspace({ operations: { inferencePool: {} } });
  expect(route({ gateway: GATEWAY }, { workspace: pooled })).toMatchObject({
    rules: [{ backendRefs: [{ group: 'inference.networking.k8s.io', kind: 'InferencePool', name: 'chat' }] }],
  });
  expect(route({ gateway: GATEWAY })).toMatchObject({
    rules: [{ backendRefs: [{ kind: 'Service', name: 'chat', port: 80 }] }],
  });
});
