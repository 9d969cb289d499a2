import { child } from '../fields';
import type { Report } from '../report';
import type { Loose } from '../shape/loose';
import { shown } from '../shape/shown';
import { DNS_SUBDOMAIN, isDnsSubdomain } from '../syntax/kubernetes-names';
import { readTuningReference, TUNING_REFERENCE } from '../syntax/tuning-reference';
import type { AdapterProps, AdapterSourceFields } from '../workspace';
import { checkDataSource } from './data-source';
import { checkObjectNames } from './names';

const FIELD = 'inference.adapters';
const DECIMAL = /^(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/** Rules of `inference.adapters`. KAITO checks most of them only when a Workspace is changed. */
export function checkAdapters(adapters: Loose<readonly AdapterProps[]> | undefined, report: Report): void {
  const first = new Map<string, string>();
  adapters?.forEach((adapter, index) => {
    if (adapter === undefined) return;
    const field = child(FIELD, index);
    checkStrength(adapter.strength, `${field}.strength`, report);
    if (adapter.source === undefined) return;
    const sourceField = `${field}.source`;
    checkName(adapter.source.name, `${sourceField}.name`, first, report);
    if ((adapter.source.urls?.length ?? 0) > 0) {
      report.error(
        'unsupported-source',
        `${sourceField}.urls`,
        'an adapter is not downloaded from addresses',
        {
          allowed: 'image, volumeSource',
          next: 'put the adapter into an image (folder /data) or on a volume',
          atKey: true,
        },
      );
      const { image, volumeSource, tuning } = adapter.source;
      if (image === undefined && volumeSource === undefined && tuning === undefined) return;
    }
    if (adapter.source.tuning === undefined) {
      checkDataSource(adapter.source, sourceField, ['image', 'volumeSource'], report);
    } else {
      checkTuningSource(adapter.source, sourceField, report);
      checkNoRank(adapter, field, report);
    }
  });
}

/** An adapter that another Workspace makes: it says where the adapter is. */
function checkTuningSource(source: Loose<AdapterSourceFields>, field: string, report: Report): void {
  for (const place of ['image', 'volumeSource'] as const) {
    if (source[place] === undefined) continue;
    report.error(
      'contradiction',
      `${field}.${place}`,
      'stands beside tuning, which says where the adapter is',
      {
        allowed: 'exactly one of image, volumeSource, tuning',
        next: 'keep one',
        atKey: true,
      },
    );
  }
  checkObjectNames(source.imagePullSecrets, `${field}.imagePullSecrets`, report);
  const { tuning } = source;
  if (typeof tuning === 'string' && readTuningReference(tuning, '') === null) {
    report.error('invalid-name', `${field}.tuning`, `${shown(tuning)} is not the name of a Workspace`, {
      allowed: TUNING_REFERENCE,
    });
  }
}

function checkNoRank({ rank }: Loose<AdapterProps>, field: string, report: Report): void {
  if (rank === undefined) return;
  report.error('contradiction', `${field}.rank`, 'follows from the Workspace that makes the adapter', {
    next: 'remove it',
    atKey: true,
  });
}

/** Strength of an adapter as a number; null when none is given. */
export function strengthOf(strength: string | number | undefined): number | null {
  return strength === undefined ? null : Number(strength);
}

function checkName(
  name: string | undefined,
  field: string,
  first: Map<string, string>,
  report: Report,
): void {
  if (name === undefined) {
    if (!report.isBroken(field)) {
      report.error('missing-field', field, 'is required: the adapter is served under this name', {
        next: 'add it',
      });
    }
    return;
  }
  if (!isDnsSubdomain(name)) {
    report.error('invalid-name', field, `${shown(name)} is not a name of an adapter`, {
      allowed: DNS_SUBDOMAIN,
    });
  }
  const other = first.get(name);
  if (other === undefined) first.set(name, field);
  else {
    report.error('duplicate-name', field, `${shown(name)} is the name of ${other} already`, {
      next: 'give each adapter a name of its own',
    });
  }
}

function checkStrength(strength: string | number | undefined, field: string, report: Report): void {
  if (typeof strength !== 'string') return;
  const value = DECIMAL.test(strength) ? Number(strength) : Number.NaN;
  if (value >= 0 && value <= 1) return;
  const message = Number.isNaN(value)
    ? `${shown(strength)} is not a number`
    : `${shown(strength)} is out of range`;
  report.error('invalid-strength', field, message, { allowed: 'a number from 0 to 1' });
}
