import type { PodSpec } from 'kubernetes-types/core/v1';
import type { KubernetesObject } from './object';

interface Template {
  readonly spec?: PodSpec;
}

interface PodOwnerSpec {
  readonly template?: Template;
  readonly leaderWorkerTemplate?: { readonly leaderTemplate?: Template; readonly workerTemplate?: Template };
}

/** The pods that the controller of `object` makes: of a Deployment, StatefulSet, DaemonSet, Job or LeaderWorkerSet. */
export function podsOf(object: KubernetesObject): PodSpec[] {
  const { template, leaderWorkerTemplate: group } = (object['spec'] ?? {}) as PodOwnerSpec;
  return [template, group?.leaderTemplate, group?.workerTemplate].flatMap((each) =>
    each?.spec?.containers === undefined ? [] : each.spec,
  );
}
