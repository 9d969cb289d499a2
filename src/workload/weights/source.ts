import type { ClusterSpec, WorkspaceSpec } from '../../spec/normal';
import type { ImageWeights, WeightsProps, WeightsVolume } from '../../spec/weights';
import type { Decision } from '../decision';
import { imageVolumes } from '../image-volume';

/** What of a decision tells where weights come from. */
type Subject = Pick<Decision, 'workspace' | 'cluster'>;

/** Where the weights of the model that is served, or trained on, come from. */
export function weightsOf({ workspace }: Pick<Decision, 'workspace'>): WeightsProps {
  return workspace.inference?.weights ?? workspace.tuning?.weights ?? { from: 'download' };
}

/** The field of `workspace` that says it. */
export function weightsField({ inference }: WorkspaceSpec): string {
  return inference === null ? 'tuning.weights' : 'inference.weights';
}

/** True where the pod itself downloads the weights from the hub: nothing else needs its network and token. */
export function isFromHub(decision: Pick<Decision, 'workspace'>): boolean {
  return weightsOf(decision).from === 'download';
}

/** Where the weights lie, as far as the node is concerned. */
export type WeightsPlace =
  | 'node-disk'
  | 'node-nvme-disk'
  | 'nvme-storage-class'
  /** The kubelet keeps it with its images. */
  | 'image-volume'
  /** On a volume of the network. */
  | 'claim'
  /** There before the pod. */
  | 'node-folder';

/**
 * On AWS (`instanceStorePolicy: RAID0`) and GCP (local SSD as ephemeral storage) the kubelet's own disk is NVMe, so an
 * emptyDir is on it; on Azure a storage class hands the disk out.
 */
export function weightsPlace(subject: Subject): WeightsPlace {
  const weights = weightsOf(subject);
  switch (weights.from) {
    case 'download':
      return podVolume(weights.volume, subject.cluster);
    case 'image':
      return isMounted(weights, subject.cluster)
        ? 'image-volume'
        : podVolume(weights.volume, subject.cluster);
    case 'node':
      return 'node-folder';
    default:
      return 'claim';
  }
}

function podVolume(volume: WeightsVolume | undefined, { cloud }: ClusterSpec): WeightsPlace {
  if (volume !== 'nvme') return 'node-disk';
  return cloud === 'azure' ? 'nvme-storage-class' : 'node-nvme-disk';
}

/** True where the kubelet mounts the image; else an init step pulls it. */
function isMounted({ format, mount, volume }: ImageWeights, cluster: ClusterSpec): boolean {
  if (mount !== undefined) return mount === 'volume';
  return format === 'image' && volume === undefined && imageVolumes(cluster) === 'default';
}

/** The image or artifact that weights from a registry are: the user's, or the one that the catalogue knows. */
export function weightsReference({ workspace, model }: Pick<Decision, 'workspace' | 'model'>): string | null {
  const weights = weightsOf({ workspace });
  if (weights.from === 'sharedPvc') return weights.reference ?? null;
  if (weights.from !== 'image') return null;
  return weights.reference ?? model.weightsImage ?? null;
}
