import type { BudgetProps } from '../budget';
import { child } from '../fields';
import type { Report } from '../report';
import type { Loose } from '../shape/loose';
import { checkDnsLabel } from './names';

/** Names of namespaces that can be such; `field` is the path of `budget`. */
export function checkBudget(budget: Loose<BudgetProps> | undefined, field: string, report: Report): void {
  for (const namespace of Object.keys(budget?.namespaces ?? {})) {
    checkDnsLabel(namespace, child(child(field, 'namespaces'), namespace), report);
  }
}
