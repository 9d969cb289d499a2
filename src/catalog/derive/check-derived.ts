import { violationOf } from '../../spec/shape/violation';
import { modelFaults } from '../check-model';
import type { Model } from '../model';
import { presetValidator } from '../preset-schema';

/** What is wrong with the figures of a preset that was made, as sentence parts; empty when nothing is. */
export function faultsOf(model: Model): readonly string[] {
  const validate = presetValidator('model');
  if (validate(model)) return modelFaults(model).map(({ field, message }) => `${field} ${message}`);
  return (validate.errors ?? []).flatMap((error) => {
    const violation = violationOf(error, model);
    if (violation === undefined) return [];
    const { field, message, allowed } = violation;
    return [`${field}: ${message}${allowed === undefined ? '' : ` (allowed: ${allowed})`}`];
  });
}
