import type { Construct } from 'constructs';
import type { ResourceQuota } from 'kubernetes-types/core/v1';
import type { BudgetProps } from '../../spec/budget';
import { LABELS } from '../../workload/decision';
import { withSuffix } from '../../workload/names';
import { addObject } from '../../workload/object';

/**
 * Make a ResourceQuota for each of `namespaces` that has a limit of GPUs or MIG slices. Of several budgets the first that limits
 * a resource of the namespace counts. A rollout never needs more than its replicas, so that the quota is what the budget says.
 */
export function synthesizeQuotas(
  scope: Construct,
  namespaces: readonly string[],
  budgets: readonly BudgetProps[],
): void {
  for (const namespace of [...new Set(namespaces)].sort()) {
    // The first comes last, and wins.
    const hard = Object.assign(
      {},
      ...budgets.toReversed().map((budget) => hardLimits(budget, namespace)),
    ) as Hard;
    if (Object.keys(hard).length > 0) addQuota(scope, namespace, hard);
  }
}

type Hard = Readonly<Record<string, string>>;

/** Of an extended resource a quota knows requests alone. */
function hardLimits({ namespaces }: BudgetProps, namespace: string): Hard {
  const { gpus, migSlices = {} } = namespaces?.[namespace] ?? {};
  return {
    ...(gpus !== undefined && { 'requests.nvidia.com/gpu': String(gpus) }),
    ...Object.fromEntries(
      Object.entries(migSlices).map(([profile, count]) => [
        `requests.nvidia.com/mig-${profile}`,
        String(count),
      ]),
    ),
  };
}

/** All quotas lie in one folder of the tree: each has the name of its namespace. */
function addQuota(scope: Construct, namespace: string, hard: Hard): void {
  const quota = {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: withSuffix(namespace, 'gpus'), namespace, labels: { [LABELS.managedBy]: 'slipway' } },
    spec: { hard },
  } satisfies ResourceQuota;
  addObject(scope, quota);
}
