import type { ErrorObject } from 'ajv';
import { parseField } from '../fields';
import type { Report } from '../report';
import { withoutEmptyFields } from './empty-fields';
import { slipwayFieldsAt, validatorOf, type Shape } from './schemas';
import { violationOf, type Violation } from './violation';
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
  for (const violation of violations) {
    const { code, field, message, ...advice } = violation;
    report.error(code, field, message, { ...advice, next: ownFieldHint(shape, violation) ?? advice.next });
    // Too long a list and an unknown field do not make the rest unreadable.
    if (code === 'unknown-field') removed.add(field);
    else if (code !== 'too-many-items' && code !== 'duplicate-item') {
      removed.add(field);
      report.markBroken(field);
    }
  }
  return removed.has('') ? {} : without(value, removed);
}

/** In a KAITO document: what to do about a field that only Slipway's own kind has. */
function ownFieldHint(shape: Shape, { code, field }: Violation): string | undefined {
  if (shape !== 'KaitoWorkspace' || code !== 'unknown-field') return undefined;
  const steps = parseField(field);
  const name = steps.pop();
  if (typeof name !== 'string' || !slipwayFieldsAt(steps).includes(name)) return undefined;
  return 'this is a field of apiVersion slipway.dev/v1alpha1: write that apiVersion to use it';
}
