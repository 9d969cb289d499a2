import { CURRENT_GENERATION, groupOf, type HealthRule } from './rule';

const API_VERSION = 'gateway.networking.k8s.io/v1';
const somebodySays = (status: string) =>
  `status.parents.exists(p, has(p.conditions) && p.conditions.exists(c, (c.type == 'Accepted' || c.type == 'ResolvedRefs') && c.status == '${status}' && ${CURRENT_GENERATION}))`;
const everybodyAccepts = `status.parents.all(p, has(p.conditions) && p.conditions.exists(c, c.type == 'Accepted' && c.status == 'True' && ${CURRENT_GENERATION}))`;

/**
 * A route that its Gateways serve. Argo CD knows the kind; Flux takes an object without conditions of its own for ready at
 * once, and the conditions of a route stand below its Gateways.
 */
export const httpRouteRule: HealthRule = {
  group: groupOf(API_VERSION),
  apiVersion: API_VERSION,
  kind: 'HTTPRoute',
  lua: null,
  cel: {
    failed: `has(status.parents) && ${somebodySays('False')}`,
    current: `has(status.parents) && size(status.parents) > 0 && ${everybodyAccepts}`,
  },
};
