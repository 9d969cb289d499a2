import type { AgentPool } from '@azure/arm-containerservice';
import { KubernetesError, type NodeState } from '../kubernetes/api';
import { isOwned } from '../pools/ownership';
import type { Session } from '../session';

/**
 * Why a Failed pool must stay, or undefined when nothing can be lost with it. A pool with a Ready node always stays.
 *
 * @param permitted - this run made the pool, or the user has said `--recreate-failed`: then it is enough that no node
 * of it is known to be Ready
 */
export async function whyNotDeletable(
  session: Session,
  actual: AgentPool,
  permitted: boolean,
): Promise<string | undefined> {
  const { kubernetes, document } = session.parts;
  if (!isOwned(actual.tags, document.owner)) return 'it does not carry our tags';
  if (!kubernetes) {
    return permitted
      ? undefined
      : 'an earlier run made it, and without access to Kubernetes it is not known whether anything runs on it (--recreate-failed deletes it)';
  }
  let nodes: readonly NodeState[];
  try {
    nodes = (await kubernetes.nodes()).filter((node) => node.pool === actual.name);
  } catch (error) {
    if (error instanceof KubernetesError) return error.message;
    throw error;
  }
  if (nodes.some((node) => node.ready)) return 'nodes of it are Ready';
  if (nodes.length > 0 && !permitted) {
    return `${nodes.length} of its nodes are registered, though none is Ready (--recreate-failed deletes it)`;
  }
  return undefined;
}
