import type { Problem } from '../../../spec/problem';
import type { Decision } from '../../decision';
import { checkClaim } from './claim';
import { checkImage } from './image';
import { checkNode } from './node';
import { checkNvme } from './nvme';
import { checkSharedSize } from './shared-size';

/** Whether the weights can be had, have room, and can be mounted. */
export function checkWeights(decision: Decision): Problem[] {
  return [
    ...checkNvme(decision),
    ...checkImage(decision),
    ...checkClaim(decision),
    ...checkSharedSize(decision),
    ...checkNode(decision),
  ];
}
