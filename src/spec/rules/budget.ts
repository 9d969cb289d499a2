import type { BudgetLimits, BudgetProps } from '../budget';
import { child } from '../fields';
import { MIG_PROFILES } from '../mig-profiles';
import { didYouMean } from '../nearest';
import type { Report } from '../report';
import type { Loose } from '../shape/loose';
import { shown } from '../shape/shown';
import { checkDnsLabel } from './names';

/** Names of namespaces and MIG profiles that can be such; `field` is the path of `budget`. */
export function checkBudget(budget: Loose<BudgetProps> | undefined, field: string, report: Report): void {
  checkSlices(budget, field, report);
  for (const [namespace, limits] of Object.entries(budget?.namespaces ?? {})) {
    const path = child(child(field, 'namespaces'), namespace);
    checkDnsLabel(namespace, path, report);
    checkSlices(limits, path, report);
  }
}

function checkSlices(limits: Loose<BudgetLimits> | undefined, field: string, report: Report): void {
  for (const profile of Object.keys(limits?.migSlices ?? {})) {
    if (MIG_PROFILES.includes(profile)) continue;
    const path = child(child(field, 'migSlices'), profile);
    report.error('unknown-mig-profile', path, `${shown(profile)} is no MIG profile`, {
      allowed: MIG_PROFILES.join(', '),
      next: didYouMean(profile, MIG_PROFILES),
      atKey: true,
    });
  }
}
