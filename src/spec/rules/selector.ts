import { child } from '../fields';
import type { Report } from '../report';
import type { Loose } from '../shape/loose';
import { shown } from '../shape/shown';
import type { LabelSelectorProps } from '../workspace';
import { selectableLabels } from './control-labels';
import { checkLabels } from './labels';

/**
 * Node labels that a selector asks for. KAITO accepts an `In` with one value and then forgets it; here it counts.
 */
export function readSelector(
  selector: Loose<LabelSelectorProps> | undefined,
  field: string,
  report: Report,
): Record<string, string> {
  const labelsField = `${field}.matchLabels`;
  const given = selector?.matchLabels;
  const labels = selectableLabels(given, labelsField, report);
  checkLabels(labels, labelsField, report);
  if (given !== undefined && Object.keys(given).length > 0 && Object.keys(labels).length === 0) {
    report.error('no-selectable-label', labelsField, 'holds only labels that KAITO keeps for itself', {
      next: 'select the nodes by a label of your own, or remove matchLabels',
    });
  }
  selector?.matchExpressions?.forEach((expression, index) => {
    const path = child(`${field}.matchExpressions`, index);
    const { key, operator, values } = expression ?? {};
    const [value, ...more] = values ?? [];
    if (operator !== undefined && (operator !== 'In' || value === undefined || more.length > 0)) {
      const count = values?.length ?? 0;
      report.error(
        'unsupported-expression',
        path,
        `operator ${operator} with ${count} ${count === 1 ? 'value' : 'values'} cannot be honoured`,
        { allowed: 'operator In with one value', next: 'write it as matchLabels' },
      );
    } else if (key !== undefined && value !== undefined) addExpression(labels, key, value, path, report);
  });
  return labels;
}

function addExpression(
  labels: Record<string, string>,
  key: string,
  value: string,
  path: string,
  report: Report,
): void {
  const other = labels[key];
  if (other !== undefined && other !== value) {
    report.error(
      'contradiction',
      path,
      `asks for ${key}=${value}, and matchLabels or another expression for ${shown(other)}`,
      {
        next: 'keep one of them',
      },
    );
    return;
  }
  checkLabels({ [key]: value }, path, report);
  Object.assign(labels, selectableLabels({ [key]: value }, path, report));
}
