import type { PruneProtection } from '../spec/cluster';
import type { KubernetesObject } from './object';

/**
 * The order of things: objects of a wave are applied, and healthy, before those of the next. Both GitOps engines are
 * generated from this table. Kinds that are not named belong to the workloads' wave, where nothing waits for them.
 *
 * - A claim (PVC) stands in the wave of its consumer: with WaitForFirstConsumer it stays Pending until a pod wants it,
 *   and Argo CD never leaves a wave with a Pending claim (argo-cd#12840).
 * - An InferencePool stands before its endpoint picker, which is ready only once it has seen its pool.
 * - Network policies stand before the pods that they restrict.
 */
export const WAVES: readonly { readonly wave: number; readonly kinds: readonly string[] }[] = [
  { wave: -40, kinds: ['CustomResourceDefinition', 'Namespace'] },
  { wave: -30, kinds: ['ResourceQuota', 'LimitRange', 'PriorityClass', 'RuntimeClass'] },
  { wave: -30, kinds: ['NetworkPolicy', 'CiliumNetworkPolicy'] },
  { wave: -30, kinds: ['ServiceAccount', 'Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding'] },
  { wave: -25, kinds: ['AKSNodeClass', 'EC2NodeClass', 'GCENodeClass'] },
  { wave: -20, kinds: ['NodePool', 'NodeClaim'] },
  {
    wave: -10,
    kinds: [
      'ConfigMap',
      'Secret',
      'ExternalSecret',
      'TriggerAuthentication',
      'StorageClass',
      'PersistentVolume',
    ],
  },
  { wave: -10, kinds: ['InferencePool', 'InferenceObjective'] },
  {
    wave: 0,
    kinds: [
      'Deployment',
      'StatefulSet',
      'LeaderWorkerSet',
      'Job',
      'DaemonSet',
      'PersistentVolumeClaim',
      'Service',
    ],
  },
  { wave: 10, kinds: ['HTTPRoute', 'DestinationRule', 'EnvoyFilter'] },
  { wave: 20, kinds: ['HorizontalPodAutoscaler', 'ScaledObject', 'PodDisruptionBudget'] },
  { wave: 30, kinds: ['PodMonitor', 'ServiceMonitor', 'PrometheusRule'] },
];

const WAVE_OF: ReadonlyMap<string, number> = new Map(
  WAVES.flatMap(({ wave, kinds }) => kinds.map((kind) => [kind, wave] as const)),
);

const SYNC_WAVE = 'argocd.argoproj.io/sync-wave';
const SYNC_OPTIONS = 'argocd.argoproj.io/sync-options';
const COMPARE_OPTIONS = 'argocd.argoproj.io/compare-options';
const FLUX_PRUNE = 'kustomize.toolkit.fluxcd.io/prune';

/**
 * Kept, and no longer counted: without IgnoreExtraneous an Application that keeps an object which is not in Git any more stays
 * OutOfSync, and syncs again and again to heal itself.
 */
const KEPT = { [SYNC_OPTIONS]: 'Prune=false,Delete=false', [COMPARE_OPTIONS]: 'IgnoreExtraneous' };

/** Asked about before it is pruned, and never deleted with its Application. */
const ASKED = { [SYNC_OPTIONS]: 'Prune=confirm,Delete=false' };

/**
 * What costs money or holds data, and what Argo CD may do with it; Flux never prunes any of it.
 *
 * What the platform's Application holds is asked about only where the cluster wants that: until somebody confirms, that sync goes
 * on, no later commit is applied, and everybody's new nodes wait (seen with Argo CD 3.3). Never `Delete=confirm`: one such object
 * holds the deletion of its whole Application up, and the GPU pods in it keep running.
 */
const PROTECTED = new Map<string, Readonly<Record<PruneProtection, Readonly<Record<string, string>>>>>([
  ['Namespace', { keep: KEPT, confirm: ASKED }],
  ['NodePool', { keep: KEPT, confirm: ASKED }],
  ['NodeClaim', { keep: KEPT, confirm: ASKED }],
  // One that is bound stays until its claim is gone, and a sync that prunes it would wait for that.
  ['PersistentVolume', { keep: KEPT, confirm: KEPT }],
  // A claim stands in its Workspace's own Application, where waiting holds nobody else up.
  ['PersistentVolumeClaim', { keep: ASKED, confirm: ASKED }],
]);

/** Whether the table names a kind. */
export function hasWave(kind: string): boolean {
  return WAVE_OF.has(kind);
}

/** Wave of a kind; 0 for kinds that the table does not name. */
export function waveOf(kind: string): number {
  return WAVE_OF.get(kind) ?? 0;
}

/**
 * The annotations that `engine` orders and protects an object by. An object's own annotations win: a hook, or a wave
 * that its maker chose.
 */
export function engineAnnotations(
  kind: string,
  engine: 'argocd' | 'flux',
  protection: PruneProtection = 'keep',
): Readonly<Record<string, string>> {
  const options = PROTECTED.get(kind)?.[protection];
  if (engine === 'flux') return options === undefined ? {} : { [FLUX_PRUNE]: 'disabled' };
  const wave = waveOf(kind);
  return {
    ...(wave === 0 ? {} : { [SYNC_WAVE]: String(wave) }),
    ...options,
  };
}

/** `object` with the annotations that `engine` needs; of lists of options, those that it has itself win one by one. */
export function annotateFor(
  object: KubernetesObject,
  engine: 'argocd' | 'flux',
  protection?: PruneProtection,
): KubernetesObject {
  const ours = engineAnnotations(object.kind, engine, protection);
  if (Object.keys(ours).length === 0) return object;
  const own = object.metadata.annotations ?? {};
  const lists = [SYNC_OPTIONS, COMPARE_OPTIONS].flatMap((name) => {
    const [mine, theirs] = [ours[name], own[name]];
    return mine === undefined || theirs === undefined ? [] : [[name, mergedOptions(mine, theirs)] as const];
  });
  return {
    ...object,
    metadata: { ...object.metadata, annotations: { ...ours, ...own, ...Object.fromEntries(lists) } },
  };
}

/** Argo CD's lists such as `Prune=false,Delete=false`: `base`, with every option of `own` in the place of its namesake. */
function mergedOptions(base: string, own: string): string {
  const options = [...base.split(','), ...own.split(',')].map((option) => option.trim()).filter(Boolean);
  return [...new Map(options.map((option) => [option.split('=')[0], option])).values()].join(',');
}
