import type { Volume } from 'kubernetes-types/core/v1';
import type { Decision } from './decision';
import { GIB, binaryQuantity, ceilToGiB } from './quantity';

/** Name of the pod's volume with the weights. */
export const WEIGHTS_VOLUME = 'weights';

/** Room for the hub client's locks and partial files beside the weights: chosen. */
const DOWNLOAD_MARGIN = 1.1;

/**
 * Storage class of Azure's local NVMe disks, as KAITO's chart installs it (provisioner `localdisk.csi.acstor.io`).
 * A node's temporary NVMe disk is unformatted on Azure, so nothing but such a class can use it.
 */
export const AZURE_NVME_STORAGE_CLASS = 'kaito-local-nvme-disk';

/** Bytes that a download takes on its volume. */
export function downloadVolumeBytes({ model }: Decision): number {
  return ceilToGiB(model.downloadBytes * DOWNLOAD_MARGIN) + GIB;
}

/** Where the weights lie, as far as the node is concerned. */
export type WeightsPlace = 'node-disk' | 'node-nvme-disk' | 'nvme-storage-class' | 'claim';

/**
 * On AWS (`instanceStorePolicy: RAID0`) and GCP (local SSD as ephemeral storage) the kubelet's own disk is NVMe, so an
 * emptyDir is on it; on Azure a storage class hands the disk out.
 */
export function weightsPlace({ workspace, cluster }: Pick<Decision, 'workspace' | 'cluster'>): WeightsPlace {
  const weights = workspace.inference?.weights ?? { from: 'download' };
  if (weights.from === 'pvc') return 'claim';
  if (weights.volume !== 'nvme') return 'node-disk';
  return cluster.cloud === 'azure' ? 'nvme-storage-class' : 'node-nvme-disk';
}

/** The pod's volume with the weights. */
export function weightsVolume(decision: Decision): Volume {
  const size = binaryQuantity(downloadVolumeBytes(decision));
  const place = weightsPlace(decision);
  if (place === 'claim') {
    return {
      name: WEIGHTS_VOLUME,
      persistentVolumeClaim: { claimName: claimOf(decision).claimName, readOnly: true },
    };
  }
  if (place !== 'nvme-storage-class') return { name: WEIGHTS_VOLUME, emptyDir: { sizeLimit: size } };
  return {
    name: WEIGHTS_VOLUME,
    ephemeral: {
      volumeClaimTemplate: {
        spec: {
          accessModes: ['ReadWriteOnce'],
          resources: { requests: { storage: size } },
          storageClassName: AZURE_NVME_STORAGE_CLASS,
          volumeMode: 'Filesystem',
        },
      },
    },
  };
}

/** Folder of the checkpoint on a claim mounted at `folder`; null where weights are downloaded by their hub id. */
export function localModelFolder(decision: Decision, folder: string): string | null {
  if (weightsPlace(decision) !== 'claim') return null;
  const path = (claimOf(decision).path ?? '').replace(/^\/+|\/+$/g, '');
  return path === '' ? folder : `${folder}/${path}`;
}

function claimOf({ workspace }: Decision): { readonly claimName: string; readonly path?: string } {
  const weights = workspace.inference?.weights;
  if (weights?.from !== 'pvc') throw new TypeError('weights do not come from a claim');
  return weights;
}
