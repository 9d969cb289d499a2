import type { RouteProps } from '../spec/operations';
import type { Problem } from '../spec/problem';
import { gatewayOf, servedNames } from '../workload';
import { hasModel, type NodeDecision } from '../workload/decision';

/** One kind of request that a route takes: from this listener, for this host, path and model. */
interface Claim {
  readonly gateway: string;
  /** Null: every listener. */
  readonly sectionName: string | null;
  readonly host: string;
  readonly path: string;
  readonly model: string;
}

const ANY = '*';

/**
 * Routes of one cluster that would take the same requests. A Gateway accepts both and sends everything to the older one,
 * so that the other model is never reached and nothing says so.
 */
export function checkRoutes(decisions: readonly NodeDecision[]): Problem[] {
  const earlier: { readonly claim: Claim; readonly owner: string }[] = [];
  return decisions.flatMap((decision) => {
    const { workspace } = decision;
    const route = workspace.operations?.route;
    if (route === undefined) return [];
    const claims = claimsOf(decision, route);
    const rival = earlier.find((other) => claims.some((claim) => overlap(claim, other.claim)));
    const owner = `${workspace.namespace}/${workspace.name}`;
    earlier.push(...claims.map((claim) => ({ claim, owner })));
    return rival === undefined ? [] : [problemOf(decision, rival.claim, rival.owner)];
  });
}

function claimsOf(decision: NodeDecision, route: RouteProps): Claim[] {
  const gateway = gatewayOf(decision, route);
  if (gateway === undefined) return [];
  const models = route.byModelName === true && hasModel(decision) ? servedNames(decision) : [ANY];
  return (route.hostnames ?? [ANY]).flatMap((host) =>
    models.map((model) => ({
      gateway: `${gateway.namespace ?? decision.workspace.namespace}/${gateway.name}`,
      sectionName: gateway.sectionName ?? null,
      host,
      path: route.path ?? '/',
      model,
    })),
  );
}

function overlap(a: Claim, b: Claim): boolean {
  const sameListener = a.sectionName === null || b.sectionName === null || a.sectionName === b.sectionName;
  return (
    sameListener && a.gateway === b.gateway && a.host === b.host && a.path === b.path && a.model === b.model
  );
}

function problemOf(
  { workspace }: NodeDecision,
  { gateway, host, path, model }: Claim,
  owner: string,
): Problem {
  const where = `${host === ANY ? 'any host' : `host ${host}`}, path ${path}`;
  return {
    severity: 'error',
    code: 'route-taken',
    ...workspace.at('route'),
    message: `Workspace ${owner} already takes ${
      model === ANY ? 'all requests' : `requests for model ${model}`
    } of Gateway ${gateway} for ${where}`,
    next:
      model === ANY
        ? 'give one of the two another path or hostnames, or set byModelName: true in both'
        : 'give one of the two another path or hostnames, or serve the model once with more replicas',
  };
}
