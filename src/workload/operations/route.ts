import type { Construct } from 'constructs';
import type { RouteProps } from '../../spec/operations';
import { hasModel, type NodeDecision } from '../decision';
import { gatewayOf } from '../gateway/parent';
import { poolName } from '../gateway/inference-pool';
import { objectMetadata } from '../metadata';
import { addObject } from '../object';
import { servedNames } from '../serving-pods';

const GATEWAY_GROUP = 'gateway.networking.k8s.io';
/** The header that gateways put a request's `model` in (Gateway API Inference Extension, body-based routing). */
export const MODEL_NAME_HEADER = 'X-Gateway-Model-Name';

/** Make the HTTPRoute from the Gateway to the Workspace's Service, or to its InferencePool. */
export function synthesizeRoute(scope: Construct, decision: NodeDecision, route: RouteProps): void {
  const { name } = decision.workspace;
  const gateway = gatewayOf(decision, route);
  if (gateway === undefined) return;
  const value = route.path ?? '/';
  const path = { type: 'PathPrefix', value };
  addObject(scope, {
    apiVersion: `${GATEWAY_GROUP}/v1`,
    kind: 'HTTPRoute',
    metadata: objectMetadata(decision, name),
    spec: {
      parentRefs: [{ group: GATEWAY_GROUP, kind: 'Gateway', ...gateway }],
      ...(route.hostnames !== undefined && { hostnames: route.hostnames }),
      rules: [
        {
          matches:
            route.byModelName === true && hasModel(decision)
              ? servedNames(decision).map((model) => ({
                  path,
                  headers: [{ type: 'Exact', name: MODEL_NAME_HEADER, value: model }],
                }))
              : [{ path }],
          ...(value !== '/' && {
            filters: [
              {
                type: 'URLRewrite',
                urlRewrite: { path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/' } },
              },
            ],
          }),
          backendRefs: [backendOf(decision)],
          // A long answer streams for minutes: the Gateway's own limit would cut it off.
          timeouts: { request: '0s' },
        },
      ],
    },
  });
}

function backendOf(decision: NodeDecision) {
  const { name, operations } = decision.workspace;
  return operations?.inferencePool === undefined
    ? { group: '', kind: 'Service', name, port: 80, weight: 1 }
    : {
        group: 'inference.networking.k8s.io',
        kind: 'InferencePool',
        name: poolName(decision),
        weight: 1,
      };
}
