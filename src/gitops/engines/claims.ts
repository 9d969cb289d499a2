import { LABELS } from '../../workload/decision';
import type { KubernetesObject } from '../object';
import { podsOf } from '../pods';
import type { PlacedObject } from '../tree';

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
    return podsOf(object)
      .flatMap(({ volumes }) => volumes ?? [])
      .flatMap(({ persistentVolumeClaim: claim }) =>
        claim === undefined ? [] : [keyOf(object, claim.claimName)],
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
