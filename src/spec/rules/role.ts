import type { Report } from '../report';
import type { Loose } from '../shape/loose';
import type { InferenceRoleProps } from '../workspace';
import { checkDnsLabel } from './names';

/** Rules of `inference.role` that need no other Workspace. */
export function checkRole(role: Loose<InferenceRoleProps>, report: Report): void {
  checkDnsLabel(role.of, 'inference.role.of', report);
}
