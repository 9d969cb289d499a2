import type { Problem } from '../../spec/problem';
import { GIB } from '../../workload/quantity';
import type { CapacityRequest } from '../contract';

/** Size of a node's disk in GiB that holds what `request` puts there. */
export function diskGiB({ diskBytes }: CapacityRequest): number {
  return Math.ceil(diskBytes / GIB);
}

/** The largest disk that nodes of a cloud can have. */
export interface DiskLimit {
  readonly gib: number;
  /** In words, such as `AKS nodes have at most 2048 GiB`. */
  readonly words: string;
  /** Where the weights can be kept instead. */
  readonly next: string;
}

/** A disk that no node can have. */
export function checkDisk(request: CapacityRequest, limit: DiskLimit): Problem[] {
  if (diskGiB(request) <= limit.gib) return [];
  return [
    {
      severity: 'error',
      code: 'disk-too-large',
      ...request.decision.workspace.at('inference.weights'),
      message: `image and weights need a disk of ${diskGiB(request)} GiB`,
      allowed: limit.words,
      next: limit.next,
    },
  ];
}
