import type { Cluster } from '../cluster/cluster';
import type { Manifest } from '../cluster/manifest';

/** Class of claims that name none. */
export const DEFAULT_STORAGE_CLASS = 'e2e';

interface Claim extends Manifest {
  readonly spec: {
    readonly accessModes: readonly string[];
    readonly storageClassName?: string;
    readonly volumeName?: string;
    readonly resources: { readonly requests: Readonly<Record<string, string>> };
  };
}

/** A class whose volumes are made when their first pod is scheduled, as the clouds' default classes do. */
export function storageClass(name: string): Manifest {
  const isDefault = name === DEFAULT_STORAGE_CLASS;
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: {
      name,
      annotations: isDefault ? { 'storageclass.kubernetes.io/is-default-class': 'true' } : {},
    },
    provisioner: 'disk.e2e.slipway.dev',
    volumeBindingMode: 'WaitForFirstConsumer',
    reclaimPolicy: 'Retain',
  };
}

/** The classes that claims among `objects` name and expect the cluster to have; a claim that names its volume needs none. */
export function classesOf(objects: readonly Manifest[]): Manifest[] {
  const names = objects
    .filter((object): object is Claim => object.kind === 'PersistentVolumeClaim')
    .flatMap(({ spec }) => (spec.volumeName === undefined ? (spec.storageClassName ?? []) : []));
  return [...new Set(names)].sort().map(storageClass);
}

/** Plays the part of a disk driver: makes the volume of each claim that the scheduler has found a node for. */
export async function provisionVolumes(cluster: Cluster): Promise<void> {
  const claims = await cluster.list<Claim>('v1', 'PersistentVolumeClaim');
  const waiting = claims.filter(
    ({ metadata, spec }) =>
      spec.volumeName === undefined &&
      metadata.annotations?.['volume.kubernetes.io/selected-node'] !== undefined,
  );
  await cluster.apply(
    waiting.map(({ metadata, spec }) => ({
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: `pv-${metadata.uid ?? metadata.name}` },
      spec: {
        accessModes: spec.accessModes,
        capacity: { storage: spec.resources.requests['storage'] },
        storageClassName: spec.storageClassName,
        persistentVolumeReclaimPolicy: 'Retain',
        hostPath: { path: `/volumes/${metadata.uid ?? metadata.name}` },
        claimRef: {
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          name: metadata.name,
          namespace: metadata.namespace,
          uid: metadata.uid,
        },
      },
    })),
  );
}
