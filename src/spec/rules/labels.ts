import { child } from '../fields';
import type { Report } from '../report';
import type { Loose } from '../shape/loose';
import { shown } from '../shape/shown';
import { isLabelKey, isLabelValue, LABEL_KEY, LABEL_VALUE } from '../syntax/kubernetes-names';

type StringMap = Loose<Readonly<Record<string, string>>>;

/** Prefix of the labels by which Slipway selects pods and nodes. */
const OWN_PREFIX = 'slipway.dev/';

/** Keys and values that the API server accepts, and none that Slipway sets itself. */
export function checkLabels(labels: StringMap | undefined, field: string, report: Report): void {
  for (const [key, value] of Object.entries(labels ?? {})) {
    const path = child(field, key);
    checkKey(key, path, report);
    if (value !== undefined && !isLabelValue(value)) {
      report.error('invalid-label', path, `${shown(value)} is not the value of a label`, {
        allowed: LABEL_VALUE,
      });
    }
  }
}

/** Keys that the API server accepts. */
export function checkAnnotations(annotations: StringMap | undefined, field: string, report: Report): void {
  for (const key of Object.keys(annotations ?? {})) checkKey(key, child(field, key), report);
}

function checkKey(key: string, path: string, report: Report): void {
  if (key.startsWith(OWN_PREFIX)) {
    report.error('reserved-label', path, `keys that begin with ${OWN_PREFIX} are set by Slipway`, {
      next: 'use a prefix of your own',
      atKey: true,
    });
  } else if (!isLabelKey(key)) {
    report.error('invalid-label', path, `${shown(key)} is not a key of a label or annotation`, {
      allowed: LABEL_KEY,
      atKey: true,
    });
  }
}
