import { isDnsLabel } from './kubernetes-names';

/** How a tuning Workspace is named. */
export const TUNING_REFERENCE = '<name> in the same namespace, or <namespace>/<name>';

/** Namespace and name that `reference` means in `namespace`; null when it is malformed. */
export function readTuningReference(
  reference: string,
  namespace: string,
): { readonly namespace: string; readonly name: string } | null {
  const parts = reference.split('/');
  const [first, second, ...more] = parts;
  if (first === undefined || more.length > 0 || !parts.every(isDnsLabel)) return null;
  return second === undefined ? { namespace, name: first } : { namespace: first, name: second };
}
