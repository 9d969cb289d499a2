import type { KubernetesObject } from '../../../src/gitops/object';
import { nameOf, referencesOf } from './references';

/**
 * The order in which Argo CD applies the objects of one Application: phase, wave, kind, name (gitops-engine,
 * `pkg/sync/sync_tasks.go`, Argo CD 3.3). Kinds that the engine does not name come last.
 */
const KIND_ORDER = [
  'Namespace',
  'NetworkPolicy',
  'ResourceQuota',
  'LimitRange',
  'PodSecurityPolicy',
  'PodDisruptionBudget',
  'ServiceAccount',
  'Secret',
  'SecretList',
  'ConfigMap',
  'StorageClass',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'CustomResourceDefinition',
  'ClusterRole',
  'ClusterRoleList',
  'ClusterRoleBinding',
  'ClusterRoleBindingList',
  'Role',
  'RoleList',
  'RoleBinding',
  'RoleBindingList',
  'Service',
  'DaemonSet',
  'Pod',
  'ReplicationController',
  'ReplicaSet',
  'Deployment',
  'HorizontalPodAutoscaler',
  'StatefulSet',
  'Job',
  'CronJob',
  'IngressClass',
  'Ingress',
  'APIService',
];
const PHASES = ['PreSync', 'Sync', 'PostSync'];

export const waveOf = (object: KubernetesObject) =>
  Number(object.metadata.annotations?.['argocd.argoproj.io/sync-wave'] ?? 0);
const phaseOf = (object: KubernetesObject) =>
  PHASES.indexOf(object.metadata.annotations?.['argocd.argoproj.io/hook'] ?? 'Sync');
const kindRank = (object: KubernetesObject) => {
  const rank = KIND_ORDER.indexOf(object.kind);
  return rank < 0 ? KIND_ORDER.length : rank;
};

/** `objects` in the order in which Argo CD applies them. */
export function argoOrder(objects: readonly KubernetesObject[]): KubernetesObject[] {
  return [...objects].sort(
    (a, b) =>
      phaseOf(a) - phaseOf(b) ||
      waveOf(a) - waveOf(b) ||
      kindRank(a) - kindRank(b) ||
      (a.metadata.name < b.metadata.name ? -1 : 1),
  );
}

/**
 * What would go wrong when Argo CD applies one folder: something that is needed comes later than who needs it, or a claim
 * stands in an earlier wave than its consumer, which never ends with WaitForFirstConsumer.
 */
export function argoFaults(objects: readonly KubernetesObject[]): string[] {
  const order = argoOrder(objects);
  const rank = new Map(order.map((object, index) => [nameOf(object), index]));
  const faults: string[] = [];
  for (const [index, object] of order.entries()) {
    const name = nameOf(object);
    for (const reference of referencesOf(object)) {
      const needed = rank.get(reference);
      if (needed === undefined) continue;
      if (needed > index) faults.push(`${name} is applied before ${reference}, which it needs`);
      const target = order[needed];
      if (target?.kind === 'PersistentVolumeClaim' && waveOf(target) !== waveOf(object)) {
        faults.push(
          `${reference} is in wave ${waveOf(target)} and its consumer ${name} in wave ${waveOf(object)}`,
        );
      }
    }
  }
  return faults;
}
