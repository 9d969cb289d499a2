import { synthesizeBodyBasedRouter } from '../../../src/workload';
import { restrictedViolations } from '../../../src/workload/pod-security';
import { cluster, objectsOf, only, podOf } from '../fixtures';

const GATEWAY = { name: 'public', namespace: 'gateways', implementation: 'istio' } as const;

const objects = objectsOf((chart) => {
  synthesizeBodyBasedRouter(chart, cluster({ imagePullSecrets: ['mirror'] }), GATEWAY);
});

test("everything lies in the Gateway's namespace, and nothing has rights beyond it", () => {
  expect(objects.map(({ kind, metadata }) => [kind, metadata.namespace])).toEqual(
    [
      'ServiceAccount',
      'Role',
      'RoleBinding',
      'Deployment',
      'Service',
      'NetworkPolicy',
      'DestinationRule',
      'EnvoyFilter',
    ].map((kind) => [kind, 'gateways']),
  );
});

test("the Envoys of that Gateway, and no others, ask the router's Service", () => {
  expect(only(objects, 'EnvoyFilter')['spec']).toMatchObject({
    workloadSelector: { labels: { 'gateway.networking.k8s.io/gateway-name': 'public' } },
    configPatches: [
      {
        patch: {
          value: {
            typed_config: {
              grpc_service: {
                envoy_grpc: {
                  cluster_name: 'outbound|9004||public-body-router.gateways.svc.cluster.local',
                },
              },
            },
          },
        },
      },
    ],
  });
  expect(only(objects, 'Service')['spec']).toMatchObject({ ports: [{ port: 9004 }] });
});

test('a rollout never leaves requests without a router', () => {
  expect(only(objects, 'Deployment')['spec']).toMatchObject({
    strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
  });
});

test('its pod passes the restricted Pod Security Standard and pulls with the cluster’s Secrets', () => {
  expect(restrictedViolations(podOf(objects))).toEqual([]);
  expect(podOf(objects).imagePullSecrets).toEqual([{ name: 'mirror' }]);
});
