import { posix } from 'node:path';
import type { Volume, VolumeMount } from 'kubernetes-types/core/v1';
import type { WeightsProps } from '../../spec/weights';
import type { Decision } from '../decision';
import { imageVolume } from '../image-volume';
import { binaryQuantity } from '../quantity';
import { weightsVolumeBytes } from './bytes';
import { WEIGHTS_VOLUME } from './names';
import { nodeClaimName } from './node-volume';
import { sharedClaimName } from './shared/identity';
import { isFromHub, weightsOf, weightsPlace, weightsReference } from './source';

/** Folder of the weights in an image that names none: what KServe's modelcars have. */
const IMAGE_FOLDER = 'models';

/**
 * Storage class of Azure's local NVMe disks, as KAITO's chart installs it (provisioner `localdisk.csi.acstor.io`).
 * A node's temporary NVMe disk is unformatted on Azure, so nothing but such a class can use it.
 */
export const AZURE_NVME_STORAGE_CLASS = 'kaito-local-nvme-disk';

/** The pod's volume with the weights. */
export function weightsVolume(decision: Decision): Volume {
  const claimName = claimOf(decision);
  // Read-only as a volume, too: the kubelet then leaves the owners of its files alone.
  if (claimName !== null)
    return { name: WEIGHTS_VOLUME, persistentVolumeClaim: { claimName, readOnly: true } };
  const place = weightsPlace(decision);
  if (place === 'image-volume') return imageVolume(WEIGHTS_VOLUME, weightsReference(decision) ?? '');
  const size = binaryQuantity(weightsVolumeBytes(decision));
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

/** Its mount at `folder` in the container that loads the weights: only who downloads them may write. */
export function weightsMount(decision: Decision, folder: string): VolumeMount {
  const weights = weightsOf(decision);
  const isImage = weightsPlace(decision) === 'image-volume';
  return {
    name: WEIGHTS_VOLUME,
    mountPath: folder,
    ...(isImage && weights.from === 'image' && subPathOf(imageFolder(weights.path))),
    ...(!isFromHub(decision) && { readOnly: true }),
  };
}

function subPathOf(path: string): { subPath?: string } {
  return path === '' ? {} : { subPath: path };
}

/** Folder of a container image that holds the weights, without slashes around it. */
export function imageFolder(path: string | undefined): string {
  return path === undefined ? IMAGE_FOLDER : trimmed(path);
}

/** Folder of the checkpoint where the volume is mounted at `folder`; null where weights are downloaded by their hub id. */
export function localModelFolder(decision: Decision, folder: string): string | null {
  if (isFromHub(decision)) return null;
  const path = innerPath(weightsOf(decision));
  return path === '' ? folder : `${folder}/${path}`;
}

/** Of an image, the folder itself is mounted or pulled. */
function innerPath(weights: WeightsProps): string {
  if (weights.from === 'pvc') return trimmed(weights.path ?? '');
  if (weights.from === 'image' && weights.format !== 'image') return trimmed(weights.path ?? '');
  return '';
}

/** `path` below the root, without slashes around it; empty for the root. */
function trimmed(path: string): string {
  return posix.join('/', path).replace(/^\/|\/$/g, '');
}

function claimOf(decision: Decision): string | null {
  const weights = weightsOf(decision);
  switch (weights.from) {
    case 'pvc':
      return weights.claimName;
    case 'sharedPvc':
      return sharedClaimName(decision.model, weights);
    case 'node':
      return nodeClaimName(decision.workspace);
    default:
      return null;
  }
}
