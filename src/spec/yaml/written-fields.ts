import type { Report } from '../report';
import { isPlainMap } from '../shape/empty-fields';

/** What the API server writes into `metadata`. */
const METADATA = [
  'creationTimestamp',
  'deletionGracePeriodSeconds',
  'deletionTimestamp',
  'finalizers',
  'generation',
  'managedFields',
  'ownerReferences',
  'resourceVersion',
  'selfLink',
  'uid',
];

/** Warn of what the cluster wrote into `document`: it is not the user's wish and is passed over. */
export function warnWritten(document: Readonly<Record<string, unknown>>, report: Report): void {
  const metadata = isPlainMap(document['metadata']) ? document['metadata'] : {};
  const fields = METADATA.filter((name) => (metadata[name] ?? null) !== null).map(
    (name) => `metadata.${name}`,
  );
  if ((document['status'] ?? null) !== null) fields.push('status');
  for (const field of fields) {
    report.warning('written-field', field, 'was written by the cluster and is passed over', {
      next: 'remove it',
      atKey: true,
    });
  }
}
