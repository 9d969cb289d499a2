import type { NodeDecision } from './decision';
import { GIB } from './quantity';

/**
 * Share of a machine's CPU and memory that its model asks for. What a node offers to pods is less than what the
 * machine has: AKS keeps up to 25 % of small machines' memory, Karpenter assumes 7.5 % less than nominal, and
 * DaemonSets take theirs. 70 % fits on every GPU machine type of the catalogue; chosen.
 */
const REQUEST_SHARE = 0.7;
/** For each GPU of machines whose CPU or memory is unknown (own nodes): small enough to be scheduled; chosen. */
const UNKNOWN_CPUS_PER_GPU = 1;
const UNKNOWN_MEMORY_BYTES_PER_GPU = 8 * GIB;

/** CPU and memory requests of one pod. */
export interface MachineShare {
  readonly cpus: number;
  readonly memoryBytes: number;
}

/** What the model's container asks for on the smallest of the candidates, since any of them may be its node. */
export function machineShare({ candidates }: NodeDecision): MachineShare {
  const shares = candidates.map(({ machine, gpusPerNode }): MachineShare => {
    const part = machine.gpu.count === null ? 1 : Math.min(1, gpusPerNode / machine.gpu.count);
    return {
      cpus:
        machine.vcpus === null
          ? UNKNOWN_CPUS_PER_GPU * gpusPerNode
          : Math.max(1, Math.floor(machine.vcpus * part * REQUEST_SHARE)),
      memoryBytes:
        machine.memoryBytes === null
          ? UNKNOWN_MEMORY_BYTES_PER_GPU * gpusPerNode
          : Math.max(1, Math.floor((machine.memoryBytes * part * REQUEST_SHARE) / GIB)) * GIB,
    };
  });
  return {
    cpus: Math.min(...shares.map((share) => share.cpus)),
    memoryBytes: Math.min(...shares.map((share) => share.memoryBytes)),
  };
}

/** Upper bound of `/dev/shm` for each GPU, and for a pod: NCCL and vLLM's queues use far less; chosen. */
const SHM_BYTES_PER_GPU = 4 * GIB;
const SHM_MAX_BYTES = 16 * GIB;

/** Size limit of `/dev/shm`: it counts as the container's memory, so never more than a quarter of the request. */
export function sharedMemoryBytes(decision: NodeDecision): number {
  const wanted = Math.min(SHM_BYTES_PER_GPU * decision.placement.gpusPerNode, SHM_MAX_BYTES);
  const quarter = Math.floor(machineShare(decision).memoryBytes / 4 / GIB) * GIB;
  return Math.max(GIB, Math.min(wanted, quarter));
}
