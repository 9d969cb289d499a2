import type { Decision } from './decision';
import { totalNodes } from './nodes';
import { GIB, ceilToGiB } from './quantity';
import { SCRATCH_BYTES } from './scratch';
import { tuningDiskBytes } from './tuning/data';
import { weightsPlace, weightsVolumeBytes } from './weights';

/** Images on the node, unpacked and while they are unpacked: the vLLM images unpack to about 25 GB; estimated. */
const IMAGE_BYTES = 40 * GIB;
/** Of an image volume, containerd keeps the layers as they came beside the unpacked ones (its default, `discard_unpacked_layers: false`). */
const IMAGE_COPIES = 2;
/**
 * The kubelet starts to delete images when the disk is 85 % full and evicts pods soon after (Kubernetes' defaults
 * imageGCHighThresholdPercent 85, nodefs.available < 10 %), so no more than this share may be planned for.
 */
const USABLE_SHARE = 0.85;

/** Ephemeral storage that one pod asks for: the emptyDirs that are not in memory. */
export function podDiskBytes(decision: Decision): number {
  const place = weightsPlace(decision);
  const onNode = place === 'node-disk' || place === 'node-nvme-disk';
  const { tuning } = decision.workspace;
  return (
    SCRATCH_BYTES +
    (onNode ? weightsVolumeBytes(decision) : 0) +
    (tuning === null ? 0 : tuningDiskBytes(tuning))
  );
}

/** Disk that each node needs for image, weights and scratch, in bytes (whole GiB). */
export function diskBytesOf(decision: Decision): number {
  const place = weightsPlace(decision);
  // With RAID0 instance stores the kubelet's folders are on NVMe; the system disk holds the system alone.
  const pods = place === 'node-nvme-disk' ? 0 : podDiskBytes(decision) * podsPerNode(decision);
  const images = IMAGE_BYTES + (place === 'image-volume' ? IMAGE_COPIES * decision.model.downloadBytes : 0);
  const needed = ceilToGiB((pods + images) / USABLE_SHARE);
  if (place !== 'node-disk') return needed;
  const { model, workspace } = decision;
  const known = workspace.tuning === null ? model.diskBytes : (model.tuning.diskBytes ?? 0);
  return Math.max(needed, ceilToGiB(known));
}

/** Pods that may share a node, where a pod asks for a part of its GPUs. */
function podsPerNode(decision: Decision): number {
  const most = Math.max(
    ...decision.candidates.map(({ machine, gpusPerNode }) =>
      Math.floor((machine.gpu.count ?? gpusPerNode) / gpusPerNode),
    ),
  );
  return Math.max(1, Math.min(most, totalNodes(decision)));
}
