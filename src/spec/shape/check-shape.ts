import type { ErrorObject } from 'ajv';
import type { Report } from '../report';
import { withoutEmptyFields } from './empty-fields';
import { fieldHint, isWrapped } from './field-hint';
import { validatorOf, type Shape } from './schemas';
import { violationOf } from './violation';
import { without } from './without';

/** In a config an option without a value is a flag. */
const KEEPS_EMPTY: ReadonlySet<Shape> = new Set(['InferenceConfig', 'TrainingConfig']);

/**
 * Check `document` against the published schema and report every violation. What is returned has the shape's types
 * wherever it has a value: fields that cannot be read are gone from it, and `report` knows them as broken.
 */
export function checkShape(shape: Shape, document: unknown, report: Report): unknown {
  const value = KEEPS_EMPTY.has(shape) ? document : withoutEmptyFields(document, report);
  const validate = validatorOf(shape);
  if (validate(value)) return value;
  const violations = (validate.errors ?? []).flatMap((error: ErrorObject) => violationOf(error, value) ?? []);
  const removed = new Set<string>();
  for (const { code, field, message, ...advice } of violations) {
    const hint = code === 'unknown-field' ? fieldHint(shape, field) : undefined;
    report.error(code, field, message, { ...advice, next: hint ?? advice.next });
    // Too long a list and an unknown field do not make the rest unreadable.
    if (code === 'unknown-field') {
      removed.add(field);
      // What is inside is not missed as well.
      if (isWrapped(shape, field)) report.markBroken('inference');
    } else if (code !== 'too-many-items' && code !== 'duplicate-item') {
      removed.add(field);
      report.markBroken(field);
    }
  }
  return removed.has('') ? {} : without(value, removed);
}
