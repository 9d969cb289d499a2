import type { BudgetLimits, BudgetProps } from '../../spec/budget';
import { child } from '../../spec/fields';
import type { Place, Problem } from '../../spec/problem';
import type { Usage } from './usage';

/** So many Workspaces are named in a message, those that use the most. */
const SHOWN = 5;

/** One limit, and what counts towards it. */
interface Measure {
  /** Its path below the limits. */
  readonly limit: string;
  readonly allowed: number;
  readonly used: (usage: Usage) => number;
  readonly text: (amount: number) => string;
}

function measuresOf({ gpus, usdPerHour, migSlices = {} }: BudgetLimits): Measure[] {
  const counted = (one: string, many: string) => (amount: number) =>
    amount === 1 ? `1 ${one}` : `${amount} ${many}`;
  const measure = (
    limit: string,
    allowed: number | undefined,
    used: Measure['used'],
    text: Measure['text'],
  ): Measure[] => (allowed === undefined ? [] : [{ limit, allowed, used, text }]);
  return [
    ...measure('gpus', gpus, (usage) => usage.gpus, counted('GPU', 'GPUs')),
    ...measure(
      'usdPerHour',
      usdPerHour,
      (usage) => usage.usdPerHour,
      (amount) => `${amount.toFixed(2)} USD an hour`,
    ),
    ...Object.entries(migSlices).flatMap(([profile, allowed]) =>
      measure(
        child('migSlices', profile),
        allowed,
        (usage) => usage.migSlices[profile] ?? 0,
        counted(`slice of ${profile}`, `slices of ${profile}`),
      ),
    ),
  ];
}

/** Whose budget it is, and where it stands. */
export interface BudgetOwner {
  /** Such as `the fleet`. */
  readonly name: string;
  readonly at: (field: string) => Place;
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
  return measuresOf(limits).flatMap(({ limit, allowed, used: usedBy, text }): Problem[] => {
    const used = usages.reduce((sum, usage) => sum + usedBy(usage), 0);
    if (toCents(used) <= toCents(allowed)) return [];
    const most = usages
      .filter((usage) => usedBy(usage) > 0)
      .toSorted((a, b) => usedBy(b) - usedBy(a) || (pathOf(a) < pathOf(b) ? -1 : 1));
    const shown = most.slice(0, SHOWN).map((usage) => `${pathOf(usage)} ${text(usedBy(usage))}`);
    const rest = most.length > SHOWN ? `, and ${most.length - SHOWN} more` : '';
    return [
      {
        severity: 'error',
        code: 'over-budget',
        ...owner.at(`${field}.${limit}`),
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
    ...owner.at(field),
    message: `no Workspace of ${owner.name} is in namespace ${namespace}, so that nothing limits it`,
    next: 'correct the name, or remove it',
  };
}
