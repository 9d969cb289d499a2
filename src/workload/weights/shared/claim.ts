import type { PersistentVolumeClaim } from 'kubernetes-types/core/v1';
import { GIB, binaryQuantity } from '../../quantity';
import { hubBytes, unpackedBytes } from '../bytes';
import type { SharedRequest } from './request';

/** Bytes that the volume has to have for what one Workspace asks. */
export function neededBytes({ model, weights }: SharedRequest): number {
  return weights.reference === undefined ? hubBytes(model) : unpackedBytes(model);
}

/** The claim `name`: the largest size of those that are asked for. A Job writes to it, and pods on several nodes read. */
export function sharedClaim(
  metadata: PersistentVolumeClaim['metadata'] & { readonly name: string },
  { storageClassName }: SharedRequest['weights'],
  requests: readonly SharedRequest[],
) {
  const sizes = requests.map((request) =>
    request.weights.sizeGiB === undefined ? neededBytes(request) : request.weights.sizeGiB * GIB,
  );
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata,
    spec: {
      accessModes: ['ReadWriteMany'],
      resources: { requests: { storage: binaryQuantity(Math.max(...sizes)) } },
      storageClassName,
      volumeMode: 'Filesystem',
    },
  } satisfies PersistentVolumeClaim;
}
