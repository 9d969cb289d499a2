import type { Construct } from 'constructs';
import type { Decision } from '../decision';
import type { PodScheduling } from '../scheduling';
import { addNodeVolume } from './node-volume';
import { addGate } from './shared/gate';
import { weightsOf } from './source';

/** Make what the weights of one Workspace need beside its pods; what several share is made once for all of them. */
export function addWeights(scope: Construct, decision: Decision, scheduling: PodScheduling): void {
  const weights = weightsOf(decision);
  if (weights.from === 'node') addNodeVolume(scope, decision, weights, scheduling);
  if (weights.from === 'sharedPvc') addGate(scope, decision, weights);
}
