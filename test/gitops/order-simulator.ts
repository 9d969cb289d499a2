import type { KubernetesObject } from '../../src/gitops/object';

/**
 * The order in which Argo CD applies the objects of one Application: phase, wave, kind, name (gitops-engine,
 * `pkg/sync/sync_tasks.go`, Argo CD 3.3). Kinds that the engine does not name come last.
 */
const KIND_ORDER = [
  'Namespace', 'NetworkPolicy', 'ResourceQuota', 'LimitRange', 'PodSecurityPolicy', 'PodDisruptionBudget', 'ServiceAccount',
  'Secret', 'SecretList', 'ConfigMap', 'StorageClass', 'PersistentVolume', 'PersistentVolumeClaim', 'CustomResourceDefinition',
  'ClusterRole', 'ClusterRoleList', 'ClusterRoleBinding', 'ClusterRoleBindingList', 'Role', 'RoleList', 'RoleBinding',
  'RoleBindingList', 'Service', 'DaemonSet', 'Pod', 'ReplicationController', 'ReplicaSet', 'Deployment',
  'HorizontalPodAutoscaler', 'StatefulSet', 'Job', 'CronJob', 'IngressClass', 'Ingress', 'APIService',
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

/** An object that another one needs, as `kind/name`. */
export function referencesOf(object: KubernetesObject): string[] {
  const found = new Set<string>();
  if (object.metadata.namespace !== undefined) found.add(`Namespace/${object.metadata.namespace}`);
  visit(object['spec'], (key, value) => {
    const named = value as { readonly name?: unknown; readonly claimName?: unknown; readonly kind?: unknown };
    if ((key === 'configMap' || key === 'configMapKeyRef' || key === 'configMapRef') && typeof named.name === 'string') {
      found.add(`ConfigMap/${named.name}`);
    }
    if (key === 'persistentVolumeClaim' && typeof named.claimName === 'string') {
      found.add(`PersistentVolumeClaim/${named.claimName}`);
    }
    if (key === 'nodeClassRef' && typeof named.name === 'string' && typeof named.kind === 'string') {
      found.add(`${named.kind}/${named.name}`);
    }
    if (key === 'serviceAccountName' && typeof value === 'string') found.add(`ServiceAccount/${value}`);
  });
  return [...found];
}

function visit(value: unknown, see: (key: string, value: unknown) => void): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    if (typeof member === 'string' || (typeof member === 'object' && member !== null)) see(key, member);
    visit(member, see);
  }
}

/**
 * What would go wrong when Argo CD applies one folder: something that is needed comes later than who needs it, or a claim
 * stands in an earlier wave than its consumer, which never ends with WaitForFirstConsumer.
 */
export function argoFaults(objects: readonly KubernetesObject[]): string[] {
  const order = argoOrder(objects);
  const rank = new Map(order.map((object, index) => [`${object.kind}/${object.metadata.name}`, index]));
  const faults: string[] = [];
  for (const [index, object] of order.entries()) {
    const name = `${object.kind}/${object.metadata.name}`;
    for (const reference of referencesOf(object)) {
      const needed = rank.get(reference);
      if (needed === undefined) continue;
      if (needed > index) faults.push(`${name} is applied before ${reference}, which it needs`);
      const target = order[needed];
      if (target?.kind === 'PersistentVolumeClaim' && waveOf(target) !== waveOf(object)) {
        faults.push(`${reference} is in wave ${waveOf(target)} and its consumer ${name} in wave ${waveOf(object)}`);
      }
    }
  }
  return faults;
}

/** What is wrong with Flux's Kustomizations: a dependency that does not exist, or a circle. */
export function fluxFaults(kustomizations: readonly KubernetesObject[]): string[] {
  const dependencies = new Map(
    kustomizations.map((object) => {
      const spec = object['spec'] as { readonly dependsOn?: readonly { readonly name: string }[] };
      return [object.metadata.name, (spec.dependsOn ?? []).map(({ name }) => name)] as const;
    }),
  );
  const faults: string[] = [];
  const walk = (name: string, above: readonly string[]): void => {
    if (above.includes(name)) {
      faults.push(`circle: ${[...above, name].join(' -> ')}`);
      return;
    }
    for (const next of dependencies.get(name) ?? []) {
      if (dependencies.has(next)) walk(next, [...above, name]);
      else faults.push(`${name} depends on ${next}, which does not exist`);
    }
  };
  for (const name of dependencies.keys()) walk(name, []);
  return faults;
}
