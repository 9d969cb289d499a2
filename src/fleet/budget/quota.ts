import type { Construct } from 'constructs';
import type { ResourceQuota } from 'kubernetes-types/core/v1';
import type { BudgetProps } from '../../spec/budget';
import { LABELS } from '../../workload/decision';
import { withSuffix } from '../../workload/names';
import { addObject } from '../../workload/object';

/**
 * Make a ResourceQuota for each of `namespaces` that has a limit of GPUs. Of several budgets the first that names the
 * namespace counts. A rollout never needs more than its replicas, so that the quota is what the budget says.
 */
export function synthesizeQuotas(
  scope: Construct,
  namespaces: readonly string[],
  budgets: readonly BudgetProps[],
): void {
  for (const namespace of [...new Set(namespaces)].sort()) {
    const gpus = budgets.flatMap((budget) => budget.namespaces?.[namespace]?.gpus ?? [])[0];
    if (gpus === undefined) continue;
    addQuota(scope, namespace, gpus);
  }
}

/** All quotas lie in one folder of the tree: each has the name of its namespace. */
function addQuota(scope: Construct, namespace: string, gpus: number): void {
  const quota = {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: withSuffix(namespace, 'gpus'), namespace, labels: { [LABELS.managedBy]: 'slipway' } },
    // Of an extended resource a quota knows requests alone.
    spec: { hard: { 'requests.nvidia.com/gpu': String(gpus) } },
  } satisfies ResourceQuota;
  addObject(scope, quota);
}
