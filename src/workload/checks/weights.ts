import type { Problem } from '../../spec/problem';
import type { Decision } from '../decision';
import { totalNodes } from '../nodes';
import { GIB } from '../quantity';
import { downloadVolumeBytes, weightsPlace } from '../weights';

/** Whether the weights have room and can be mounted. */
export function checkWeights(decision: Decision): Problem[] {
  return [...checkNvme(decision), ...checkClaim(decision)];
}

function checkNvme(decision: Decision): Problem[] {
  const { workspace, candidates } = decision;
  const place = weightsPlace(decision);
  if (place !== 'node-nvme-disk' && place !== 'nvme-storage-class') return [];
  const needed = downloadVolumeBytes(decision);
  return candidates
    .filter(({ machine }) => (machine.nvmeBytes ?? 0) < needed)
    .map(({ machine }): Problem => ({
      severity: 'error',
      code: 'nvme-too-small',
      position: workspace.locate('inference.weights.volume'),
      field: 'inference.weights.volume',
      message: `the weights need ${Math.ceil(needed / GIB)} GiB, and ${machine.name} has ${describe(machine.nvmeBytes)}`,
      next: 'choose a machine type with a larger NVMe disk, or leave weights.volume out',
    }));
}

function describe(nvmeBytes: number | null): string {
  return nvmeBytes === null ? 'no known NVMe disk' : `an NVMe disk of ${Math.floor(nvmeBytes / GIB)} GiB`;
}

function checkClaim(decision: Decision): Problem[] {
  const { workspace } = decision;
  const weights = workspace.inference?.weights;
  const pods = totalNodes(decision);
  if (weights?.from !== 'pvc') return [];
  const problems: Problem[] = [];
  if (weights.path?.split('/').includes('..') === true) {
    problems.push({
      severity: 'error',
      code: 'path-outside-volume',
      position: workspace.locate('inference.weights.path'),
      field: 'inference.weights.path',
      message: `${JSON.stringify(weights.path)} leads out of the volume`,
      allowed: 'a folder below the root of the claim, without ..',
      next: 'write the folder that holds config.json',
    });
  }
  if (pods > 1) {
    problems.push({
      severity: 'warning',
      code: 'claim-shared-by-pods',
      position: workspace.locate('inference.weights.claimName'),
      field: 'inference.weights.claimName',
      message: `${pods} pods on different nodes mount the claim ${weights.claimName}`,
      allowed: 'access mode ReadOnlyMany or ReadWriteMany',
      next: 'see that the claim has one of these access modes',
    });
  }
  return problems;
}
