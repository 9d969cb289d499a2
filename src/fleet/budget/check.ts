import type { BudgetLimits, BudgetProps } from '../../spec/budget';
import { child } from '../../spec/fields';
import type { Position, Problem } from '../../spec/problem';
import type { Usage } from './usage';

/** So many Workspaces are named in a message, those that use the most. */
const SHOWN = 5;
const MEASURES = [
  { limit: 'gpus', text: (amount: number) => (amount === 1 ? '1 GPU' : `${amount} GPUs`) },
  { limit: 'usdPerHour', text: (amount: number) => `${amount.toFixed(2)} USD an hour` },
] as const;

/** Whose budget it is, and where it stands. */
export interface BudgetOwner {
  /** Such as `the fleet`. */
  readonly name: string;
  readonly locate: (field: string) => Position;
}

/** Everything in `usages` that is more than `budget` allows, and names in it that nobody uses. */
export function checkBudget(owner: BudgetOwner, budget: BudgetProps, usages: readonly Usage[]): Problem[] {
  const { namespaces = {}, ...whole } = budget;
  return [
    ...checkLimits(owner, 'budget', owner.name, whole, usages),
    ...Object.entries(namespaces).flatMap(([namespace, limits]) => {
      const field = child('budget.namespaces', namespace);
      const members = usages.filter((usage) => usage.namespace === namespace);
      if (members.length === 0) return [unused(owner, field, namespace)];
      return checkLimits(owner, field, `namespace ${namespace}`, limits, members);
    }),
  ];
}

function checkLimits(
  owner: BudgetOwner,
  field: string,
  whose: string,
  limits: BudgetLimits,
  usages: readonly Usage[],
): Problem[] {
  return MEASURES.flatMap(({ limit, text }): Problem[] => {
    const allowed = limits[limit];
    const used = usages.reduce((sum, usage) => sum + usage[limit], 0);
    if (allowed === undefined || toCents(used) <= toCents(allowed)) return [];
    const most = usages
      .filter((usage) => usage[limit] > 0)
      .toSorted((a, b) => b[limit] - a[limit] || (pathOf(a) < pathOf(b) ? -1 : 1));
    const shown = most.slice(0, SHOWN).map((usage) => `${pathOf(usage)} ${text(usage[limit])}`);
    const rest = most.length > SHOWN ? `, and ${most.length - SHOWN} more` : '';
    return [
      {
        severity: 'error',
        code: 'over-budget',
        position: owner.locate(`${field}.${limit}`),
        field: `${field}.${limit}`,
        message: `the Workspaces of ${whose} use up to ${text(used)}, the limit is ${text(allowed)}: ${shown.join(', ')}${rest}`,
        next: 'lower inference.replicas or autoscaling.maxReplicas, choose smaller machine types, or raise the budget',
      },
    ];
  });
}

/** Sums of prices differ in their last bits by the order of their parts. */
function toCents(amount: number): number {
  return Math.round(amount * 100);
}

function pathOf({ cluster, namespace, name }: Usage): string {
  return `${cluster}/${namespace}/${name}`;
}

function unused(owner: BudgetOwner, field: string, namespace: string): Problem {
  return {
    severity: 'warning',
    code: 'unused-budget',
    position: owner.locate(field),
    field,
    message: `no Workspace of ${owner.name} is in namespace ${namespace}, so that nothing limits it`,
    next: 'correct the name, or remove it',
  };
}
