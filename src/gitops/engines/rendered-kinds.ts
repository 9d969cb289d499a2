import type { AppliedKind } from './folder';

const NAMESPACED: Readonly<Record<string, readonly string[]>> = {
  '': ['ConfigMap', 'PersistentVolumeClaim', 'ResourceQuota', 'Service', 'ServiceAccount'],
  apps: ['DaemonSet', 'Deployment', 'StatefulSet'],
  autoscaling: ['HorizontalPodAutoscaler'],
  batch: ['Job'],
  'cilium.io': ['CiliumNetworkPolicy'],
  'external-secrets.io': ['ExternalSecret'],
  'gateway.networking.k8s.io': ['HTTPRoute'],
  'inference.networking.k8s.io': ['InferencePool'],
  'keda.sh': ['ScaledObject'],
  'leaderworkerset.x-k8s.io': ['LeaderWorkerSet'],
  'monitoring.coreos.com': ['PodMonitor'],
  'networking.istio.io': ['DestinationRule', 'EnvoyFilter'],
  'networking.k8s.io': ['NetworkPolicy'],
  policy: ['PodDisruptionBudget'],
  'rbac.authorization.k8s.io': ['Role', 'RoleBinding'],
};

const CLUSTER_SCOPED: Readonly<Record<string, readonly string[]>> = {
  '': ['Namespace'],
  'karpenter.azure.com': ['AKSNodeClass'],
  'karpenter.k8s.aws': ['EC2NodeClass'],
  'karpenter.sh': ['NodeClaim', 'NodePool'],
  'scheduling.k8s.io': ['PriorityClass'],
};

/**
 * The kinds that Slipway renders. What Argo CD may apply is these, not those of the Workspaces that there are now: Argo CD
 * leaves an object alone whose kind or namespace its project allows no more, and with the last Job, or the last Workspace of a
 * namespace, the project would lose what the deletion needs. Its pods would stay, with their GPUs (`getPermittedAppLiveObjects` of Argo CD 3.3).
 */
export const RENDERED_KINDS: readonly AppliedKind[] = [
  ...kinds(CLUSTER_SCOPED, false),
  ...kinds(NAMESPACED, true),
];

function kinds(groups: Readonly<Record<string, readonly string[]>>, isNamespaced: boolean): AppliedKind[] {
  return Object.entries(groups).flatMap(([group, names]) =>
    names.map((kind) => ({ group, kind, isNamespaced })),
  );
}
