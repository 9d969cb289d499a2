import type { Report } from '../report';
import type { Loose } from '../shape/loose';
import type { WorkspaceFields } from '../workspace';
import { checkDnsLabel } from './names';

/** Rules of `inference.role` that need no other Workspace. */
export function checkRole({ inference, resource }: Loose<WorkspaceFields>, report: Report): void {
  const role = inference?.role;
  if (role === undefined) return;
  checkDnsLabel(role.of, 'inference.role.of', report);
  const { count = 1 } = resource ?? {};
  if (count <= 1) return;
  report.error('contradiction', 'resource.count', `${count} nodes are asked for one half of serving`, {
    allowed: '1: vLLM hands no KV cache over from a model that is divided over nodes',
    next: 'leave it out, or serve the whole model in one Workspace',
  });
}
