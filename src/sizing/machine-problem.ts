import type { MachineType } from '../catalog/machine';

/** GPU facts that sizing needs, none of them unknown. */
export interface UsableGpu {
  readonly count: number;
  readonly nominalBytes: number;
  readonly usableBytes: number;
  readonly computeCapability: number;
}

/** The facts of a machine that can be sized, or why it cannot be used. */
export function usableGpu(
  machine: MachineType,
): UsableGpu | { readonly code: string; readonly reason: string } {
  const { gpu } = machine;
  if (machine.status === 'retired') {
    const when = machine.retirementDate === null ? '' : ` on ${machine.retirementDate}`;
    return { code: 'machine-retired', reason: `${machine.name} was retired${when}` };
  }
  if (machine.unfit !== null)
    return { code: 'machine-unfit', reason: `${machine.name} cannot be used: ${machine.unfit}` };
  const { count, nominalBytes, usableBytes, computeCapability } = gpu;
  if (count === null || nominalBytes === null || computeCapability === null) {
    return {
      code: 'machine-unknown',
      reason: `the GPUs of ${machine.name} are not known well enough to size a model for them`,
    };
  }
  return { count, nominalBytes, usableBytes: usableBytes ?? nominalBytes, computeCapability };
}
