import { child } from '../fields';
import type { Report } from '../report';

/** Written as null by every generator of Kubernetes YAML. */
const EMPTY_BY_HABIT = 'creationTimestamp';
/** Content of a config: null is a value there (a flag without one). */
const KEEPS_NULL = new Set(['inference.config', 'tuning.config']);

/**
 * `value` without the fields that have no value, as the Kubernetes API server reads them, each with a warning.
 * Entries of lists stay.
 */
export function withoutEmptyFields(value: unknown, report: Report, field = ''): unknown {
  if (KEEPS_NULL.has(field)) return value;
  if (Array.isArray(value))
    return value.map((item, index) => withoutEmptyFields(item, report, child(field, index)));
  if (!isPlainMap(value)) return value;
  const kept: [string, unknown][] = [];
  for (const [key, item] of Object.entries(value)) {
    const path = child(field, key);
    if (item === undefined) continue;
    if (item !== null) kept.push([key, withoutEmptyFields(item, report, path)]);
    else if (key !== EMPTY_BY_HABIT)
      report.warning('empty-field', path, 'has no value and is read as if it were not there', {
        next: 'remove it, or give it a value',
        atKey: true,
      });
  }
  return Object.fromEntries(kept);
}

/** True for maps of YAML and object literals; class instances are left as they are. */
export function isPlainMap(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
