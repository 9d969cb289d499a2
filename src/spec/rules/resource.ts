import type { Report } from '../report';
import type { Loose } from '../shape/loose';
import { shown } from '../shape/shown';
import { didYouMean } from '../nearest';
import type { PartitionProps, ResourceProps } from '../workspace';
import { checkObjectName } from './names';

/** MIG profiles that KAITO v0.12.0 knows (`pkg/sku`): the instances that NVIDIA's A30, A100, H100, H200 and B200 have. */
const MIG_PROFILES =
  '1g.5gb 1g.6gb 1g.10gb 1g.12gb 1g.18gb 1g.20gb 1g.23gb 1g.24gb 1g.35gb 1g.45gb 2g.10gb 2g.12gb 2g.20gb 2g.24gb 2g.35gb 2g.45gb 3g.20gb 3g.40gb 3g.47gb 3g.48gb 3g.71gb 3g.90gb 4g.20gb 4g.24gb 4g.40gb 4g.47gb 4g.48gb 4g.71gb 4g.90gb 7g.40gb 7g.80gb 7g.94gb 7g.96gb 7g.141gb 7g.180gb'.split(
    ' ',
  );

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
