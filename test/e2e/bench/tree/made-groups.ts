import { agentPoolsOf } from './agent-pools';
import type { Manifest } from '../cluster/manifest';
import { NODE_GROUP_LABEL, nodePoolsOf } from './fleet';

/** The node groups that something rendered makes nodes for: a NodePool, a NodeClaim, an agent pool. */
export function madeGroups(objects: readonly Manifest[]): ReadonlySet<string> {
  const claims = objects.filter(({ kind }) => kind === 'NodeClaim');
  return new Set(
    [
      ...nodePoolsOf(objects).map(({ spec }) => spec.template.metadata?.labels),
      ...claims.map(({ metadata }) => metadata.labels),
      ...agentPoolsOf(objects).map(({ labels }) => labels),
    ].flatMap((labels) => labels?.[NODE_GROUP_LABEL] ?? []),
  );
}
