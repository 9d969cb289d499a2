import type { Construct } from 'constructs';
import type { PriorityClass } from 'kubernetes-types/scheduling/v1';
import type { ClusterSpec } from '../spec/normal';
import { LABELS } from '../workload/decision';
import { addObject } from '../workload/object';

/** Make the PriorityClasses that the cluster names, in the order of their names. */
export function synthesizePriorityClasses(scope: Construct, { priorityClasses = {} }: ClusterSpec): void {
  const sorted = Object.entries(priorityClasses).sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [name, { value, preempts = false, description }] of sorted) {
    const priorityClass = {
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      metadata: { name, labels: { [LABELS.managedBy]: 'slipway' } },
      value,
      globalDefault: false,
      preemptionPolicy: preempts ? 'PreemptLowerPriority' : 'Never',
      ...(description !== undefined && { description }),
    } satisfies PriorityClass;
    addObject(scope, priorityClass);
  }
}
