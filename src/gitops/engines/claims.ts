import { LABELS } from '../../workload/decision';
import type { KubernetesObject } from '../object';
import type { PlacedObject } from '../tree';

interface PodTemplate {
  readonly spec?: {
    readonly volumes?: readonly { readonly persistentVolumeClaim?: { readonly claimName?: string } }[];
  };
}

interface PodOwnerSpec {
  readonly template?: PodTemplate;
  readonly leaderWorkerTemplate?: {
    readonly leaderTemplate?: PodTemplate;
    readonly workerTemplate?: PodTemplate;
  };
}

/** The claims among `objects` that a Job beside them fills with weights, as `<namespace>/<name>`. */
export function claimsFilled(objects: readonly PlacedObject[]): string[] {
  return objects
    .filter(
      ({ object: { kind, metadata } }) => kind === 'PersistentVolumeClaim' && isShared(metadata['labels']),
    )
    .map(({ object }) => keyOf(object, object.metadata.name));
}

/** The claims that the pods of `objects` mount, as `<namespace>/<name>`. */
export function claimsMounted(objects: readonly PlacedObject[]): string[] {
  const keys = objects.flatMap(({ object }) => {
    const { template, leaderWorkerTemplate: group } = (object['spec'] ?? {}) as PodOwnerSpec;
    return [template, group?.leaderTemplate, group?.workerTemplate]
      .flatMap((pod) => pod?.spec?.volumes ?? [])
      .flatMap(({ persistentVolumeClaim: claim }) =>
        claim?.claimName === undefined ? [] : [keyOf(object, claim.claimName)],
      );
  });
  return [...new Set(keys)];
}

function isShared(labels: unknown): boolean {
  return typeof labels === 'object' && labels !== null && LABELS.weights in labels;
}

function keyOf({ metadata }: KubernetesObject, name: string): string {
  return `${metadata.namespace ?? ''}/${name}`;
}
