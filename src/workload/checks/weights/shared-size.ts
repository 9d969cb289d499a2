import type { Problem } from '../../../spec/problem';
import type { Decision } from '../../decision';
import { GIB } from '../../quantity';
import { weightsField } from '../../weights';
import { neededBytes } from '../../weights/shared/claim';
import { sharedRequest } from '../../weights/shared';

/** A size of the shared claim that does not hold the download. */
export function checkSharedSize(decision: Decision): Problem[] {
  const request = sharedRequest(decision);
  const sizeGiB = request?.weights.sizeGiB;
  if (request === null || sizeGiB === undefined) return [];
  const needed = Math.ceil(neededBytes(request) / GIB);
  if (sizeGiB >= needed) return [];
  const { workspace, model } = decision;
  const field = `${weightsField(workspace)}.sizeGiB`;
  return [
    {
      severity: 'error',
      code: 'volume-too-small',
      ...workspace.at(field),
      message: `${sizeGiB} GiB do not hold the download of ${model.name}`,
      allowed: `at least ${needed}`,
      next: 'leave it out, or write a larger one',
    },
  ];
}
