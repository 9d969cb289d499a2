import { child } from '../fields';
import { OPERATION_PARTS } from '../operations';
import type { Report } from '../report';
import type { Loose } from '../shape/loose';
import { shown } from '../shape/shown';
import { DNS_SUBDOMAIN, isDnsSubdomain } from '../syntax/kubernetes-names';
import type { WorkspaceFields } from '../workspace';
import { checkImage } from './data-source';
import { checkLabels } from './labels';
import { checkDnsLabel, checkObjectName } from './names';

/** Rules of what is switched on around a served model that need no placement. */
export function checkOperations(props: Loose<WorkspaceFields>, report: Report): void {
  const { autoscaling, monitoring, route, inferencePool, inference, tuning } = props;
  if (inference === undefined && tuning !== undefined) {
    for (const part of OPERATION_PARTS) {
      if (props[part] === undefined) continue;
      report.error('contradiction', part, 'has no effect on tuning', { next: 'remove it', atKey: true });
    }
  }
  if (autoscaling !== undefined && inference?.replicas !== undefined) {
    report.error('contradiction', 'inference.replicas', 'is a fixed number, and autoscaling changes it', {
      next: 'remove it, or remove autoscaling',
    });
  }
  checkDnsLabel(monitoring?.namespace, 'monitoring.namespace', report);
  if (inferencePool !== undefined && inference?.role?.type === 'prefill') {
    report.error('contradiction', 'inferencePool', 'has no effect on the prefill half', {
      next: 'move it to the Workspace of the decode half, whose pool holds the pods of both',
      atKey: true,
    });
  }
  checkLabels(monitoring?.labels, 'monitoring.labels', report);
  checkImage(inferencePool?.image, 'inferencePool.image', report);
  checkObjectName(route?.gateway?.name, 'route.gateway.name', report);
  checkDnsLabel(route?.gateway?.namespace, 'route.gateway.namespace', report);
  route?.hostnames?.forEach((host, index) => {
    if (host === undefined || isDnsSubdomain(host.replace(/^\*\./, ''))) return;
    report.error('invalid-name', child('route.hostnames', index), `${shown(host)} is not a host name`, {
      allowed: `${DNS_SUBDOMAIN}; an asterisk may stand for the first part`,
    });
  });
}
