import type { Problem } from '../../spec/problem';
import type { NodeDecision } from '../decision';
import { multiNodeWorkload } from '../groups';
import { isKubernetesAtLeast } from '../kubernetes-version';

/** Kubernetes minor version whose StatefulSets label pods with their index. */
const POD_INDEX_MINOR = 28;

/** What the cluster, or who can reach the model, makes of the Workspace. */
export function checkCluster(decision: NodeDecision): Problem[] {
  const { workspace, cluster, placement } = decision;
  const problems: Problem[] = [];
  const needsPodIndex = placement.nodes > 1 && multiNodeWorkload(decision) === 'StatefulSet';
  if (needsPodIndex && !isKubernetesAtLeast(cluster, POD_INDEX_MINOR)) {
    problems.push({
      severity: 'error',
      code: 'kubernetes-too-old',
      ...cluster.at('kubernetesVersion'),
      message: `a model over ${placement.nodes} nodes needs the pod index label, and Kubernetes ${cluster.kubernetesVersion} has none`,
      allowed: `1.${POD_INDEX_MINOR} or later`,
      next: 'upgrade the cluster, use a LeaderWorkerSet (inference.multiNodeWorkload, or in the defaults of the Cluster), or choose a machine type that holds the model on one node',
    });
  }
  if (workspace.service.type === 'LoadBalancer') {
    problems.push({
      severity: 'warning',
      code: 'public-endpoint',
      ...workspace.at('service.type'),
      message:
        'the load balancer lets everybody who reaches it use the model: the server asks for no password',
      next: 'use ClusterIP behind a gateway, or see that the load balancer is internal (its annotation is a matter of the cloud)',
    });
  }
  return problems;
}
