import type { Problem } from '../spec/problem';
import { GIB } from '../workload/quantity';
import type { CapacityRequest } from './contract';

/** Size of a node's disk in GiB that holds what `request` puts there. */
export function diskGiB({ diskBytes }: CapacityRequest): number {
  return Math.ceil(diskBytes / GIB);
}

/** The largest disk that nodes of a cloud can have. */
export interface DiskLimit {
  readonly gib: number;
  /** Whose disks these are, such as `AKS nodes`. */
  readonly whose: string;
  /** Where the weights can be kept instead. */
  readonly next: string;
}

/** Largest OS disk of a node on AKS, whoever makes it (`osDiskSizeGB`, whose unit is GiB in spite of its name). */
export const AKS_DISK_LIMIT: DiskLimit = {
  gib: 2048,
  whose: 'AKS nodes',
  next: 'keep the weights on the local NVMe disk (weights: {from: download, volume: nvme}) or on a volume (weights: {from: pvc, claimName: ...})',
};

/** A disk that no node can have. */
export function checkDisk(request: CapacityRequest, limit: DiskLimit): Problem[] {
  if (diskGiB(request) <= limit.gib) return [];
  return [
    {
      severity: 'error',
      code: 'disk-too-large',
      ...request.decision.workspace.at('inference.weights'),
      message: `image and weights need a disk of ${diskGiB(request)} GiB`,
      allowed: `${limit.whose} have at most ${limit.gib} GiB`,
      next: limit.next,
    },
  ];
}
