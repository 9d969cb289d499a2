import type { Report } from '../report';
import type { Loose } from '../shape/loose';
import { shown } from '../shape/shown';
import { MIG_PROFILES } from '../mig-profiles';
import { didYouMean } from '../nearest';
import type { PartitionProps, ResourceProps } from '../workspace';
import { checkObjectName } from './names';

/** Rules of `resource` that need no catalogue and no cluster. */
export function checkResource(resource: Loose<ResourceProps> | undefined, report: Report): void {
  if (resource === undefined) return;
  if ((resource.preferredNodes?.length ?? 0) > 0) {
    report.error(
      'unsupported-field',
      'resource.preferredNodes',
      'no KAITO of today honours a list of node names',
      {
        next: 'label the nodes and select them with resource.labelSelector.matchLabels',
        atKey: true,
      },
    );
  }
  checkObjectName(resource.nodeClassName, 'resource.nodeClassName', report);
  if (resource.partition !== undefined) checkPartition(resource.partition, report);
}

/** A partition as it may have been given: the types of TypeScript allow no mixture of the two. */
interface GivenPartition {
  readonly mode?: PartitionProps['mode'] | undefined;
  readonly profile?: string | undefined;
  readonly count?: number | undefined;
}

function checkPartition({ mode, profile, count }: GivenPartition, report: Report): void {
  const field = 'resource.partition';
  if (mode === 'mig') {
    if (count !== undefined) refuse(report, `${field}.count`, 'a MIG partition is one slice');
    if (profile === undefined) requireField(report, `${field}.profile`, 'a MIG partition names its profile');
    else if (!MIG_PROFILES.includes(profile)) {
      report.error('unknown-mig-profile', `${field}.profile`, `${shown(profile)} is no MIG profile`, {
        allowed: MIG_PROFILES.join(', '),
        next: didYouMean(profile, MIG_PROFILES),
      });
    }
  }
  if (mode === 'accelerator') {
    if (profile !== undefined) refuse(report, `${field}.profile`, 'whole GPUs have no profile');
    if (count === undefined) requireField(report, `${field}.count`, 'the number of GPUs is needed');
  }
}

function refuse(report: Report, field: string, reason: string): void {
  report.error('contradiction', field, `is not allowed here: ${reason}`, { next: 'remove it', atKey: true });
}

function requireField(report: Report, field: string, reason: string): void {
  if (!report.isBroken(field))
    report.error('missing-field', field, `is required: ${reason}`, { next: 'add it' });
}
