import type { RouteProps } from '../../spec/operations';
import type { NodeDecision } from '../decision';

/** The Gateway that a route attaches to: its own, else the cluster's; undefined where neither names one. */
export function gatewayOf(
  decision: NodeDecision,
  route: RouteProps,
): NonNullable<RouteProps['gateway']> | undefined {
  if (route.gateway !== undefined) return route.gateway;
  const { gateway } = decision.cluster;
  if (gateway === undefined) return undefined;
  const { name, namespace, sectionName } = gateway;
  return { name, namespace, ...(sectionName !== undefined && { sectionName }) };
}
