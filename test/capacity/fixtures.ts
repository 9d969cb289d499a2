import type { CapacityRequest } from '../../src/capacity/contract';
import { capacityOf } from '../../src/capacity';
import { decision, objectsOf, type AnyObject } from '../workload/fixtures';

const GIB = 1024 ** 3;

export function request(changes: Partial<CapacityRequest> = {}): CapacityRequest {
  return {
    decision: decision(),
    nodeGroup: 'team-a--chat',
    nodes: 1,
    purpose: 'inference',
    diskBytes: 100 * GIB,
    ...changes,
  };
}

/** The objects that the capacity of the request's cluster makes for it. */
export function nodesOf(given: CapacityRequest): AnyObject[] {
  return objectsOf((chart) => {
    capacityOf(given.decision.cluster).synthesize(chart, given);
  });
}

/** Code and severity of what the capacity of the request's cluster finds. */
export function codesOf(given: CapacityRequest): string[] {
  return capacityOf(given.decision.cluster)
    .check(given)
    .map(({ severity, code }) => `${severity} ${code}`);
}
