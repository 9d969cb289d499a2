import type { MachineType } from './machine';

/** Lowest CUDA compute capability that the serving images are built for (KAITO v0.12 has dropped everything below it, too). */
const LOWEST_COMPUTE_CAPABILITY = 8;

/**
 * Why a machine with these GPUs cannot run the catalogue's models; null when it can. Lower case, no full stop.
 */
export function unfitReason(
  gpu: Pick<MachineType['gpu'], 'vendor' | 'model' | 'count' | 'computeCapability'>,
  arch: MachineType['arch'],
): string | null {
  if (gpu.vendor !== 'nvidia')
    return `its GPU (${gpu.model}) is not NVIDIA's, and the images are built for CUDA`;
  if (arch !== 'amd64') return `its processor is ${arch}, and the images are built for amd64`;
  if (gpu.computeCapability === null || gpu.computeCapability < LOWEST_COMPUTE_CAPABILITY) {
    const has = gpu.computeCapability === null ? 'unknown' : gpu.computeCapability.toFixed(1);
    return `its GPU (${gpu.model}) has CUDA compute capability ${has}, and at least ${LOWEST_COMPUTE_CAPABILITY.toFixed(1)} is needed`;
  }
  if (gpu.count === null) return 'how many GPUs it has is not known';
  if (gpu.count < 1) return `it has a fraction of a GPU (${gpu.count})`;
  return null;
}
