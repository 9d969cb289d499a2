import type { Problem } from '../../../spec/problem';
import type { Decision } from '../../decision';
import { GIB } from '../../quantity';
import { weightsField, weightsPlace, weightsVolumeBytes } from '../../weights';

/** Weights on local NVMe: every machine type of the list has to have room for them. */
export function checkNvme(decision: Decision): Problem[] {
  const { workspace, candidates } = decision;
  const place = weightsPlace(decision);
  if (place !== 'node-nvme-disk' && place !== 'nvme-storage-class') return [];
  const needed = weightsVolumeBytes(decision);
  const field = `${weightsField(workspace)}.volume`;
  return candidates
    .filter(({ machine }) => (machine.nvmeBytes ?? 0) < needed)
    .map(({ machine }): Problem => ({
      severity: 'error',
      code: 'nvme-too-small',
      ...workspace.at(field),
      message: `the weights need ${Math.ceil(needed / GIB)} GiB, and ${machine.name} has ${describe(machine.nvmeBytes)}`,
      next: 'choose a machine type with a larger NVMe disk, or leave weights.volume out',
    }));
}

function describe(nvmeBytes: number | null): string {
  return nvmeBytes === null ? 'no known NVMe disk' : `an NVMe disk of ${Math.floor(nvmeBytes / GIB)} GiB`;
}
