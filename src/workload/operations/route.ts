import type { Construct } from 'constructs';
import type { RouteProps } from '../../spec/operations';
import type { Decision } from '../decision';
import { objectMetadata } from '../metadata';
import { addObject } from '../object';

/** Make the HTTPRoute from the Gateway to the Workspace's Service. */
export function synthesizeRoute(scope: Construct, decision: Decision, route: RouteProps): void {
  const { name } = decision.workspace;
  const path = route.path ?? '/';
  addObject(scope, {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: objectMetadata(decision, name),
    spec: {
      parentRefs: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', ...route.gateway }],
      ...(route.hostnames !== undefined && { hostnames: route.hostnames }),
      rules: [
        {
          matches: [{ path: { type: 'PathPrefix', value: path } }],
          ...(path !== '/' && {
            filters: [
              {
                type: 'URLRewrite',
                urlRewrite: { path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/' } },
              },
            ],
          }),
          backendRefs: [{ group: '', kind: 'Service', name, port: 80, weight: 1 }],
          // A long answer streams for minutes: the Gateway's own limit would cut it off.
          timeouts: { request: '0s' },
        },
      ],
    },
  });
}
