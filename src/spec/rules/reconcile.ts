import type { Report } from '../report';
import type { Loose } from '../shape/loose';
import { shown } from '../shape/shown';
import type { WorkspaceFields } from '../workspace';
import type { Controls, ReadAnnotations } from './controls';
import { checkObjectName } from './names';

/** What a field and KAITO's annotation for the same thing say must agree. */
export function reconcile(
  props: Loose<WorkspaceFields>,
  { controls, fields }: ReadAnnotations,
  report: Report,
): void {
  const pairs: readonly [keyof Controls, string, unknown][] = [
    ['runtime', 'inference.runtime', props.inference?.runtime],
    ['performanceMode', 'inference.performanceMode', props.inference?.performanceMode],
    ['serviceType', 'service.type', props.service?.type],
    ['bypassResourceChecks', 'resource.bypassResourceChecks', props.resource?.bypassResourceChecks],
    ['nodeImageFamily', 'resource.nodeImageFamily', props.resource?.nodeImageFamily],
    ['nodeClassName', 'resource.nodeClassName', props.resource?.nodeClassName],
    ['weights', 'inference.weights', props.inference?.weights],
  ];
  for (const [control, field, given] of pairs) {
    const annotation = fields.get(control);
    if (annotation === undefined || given === undefined || given === controls[control]) continue;
    report.error(
      'contradiction',
      field,
      `is ${shown(given)}, and ${annotation} says ${shown(controls[control])}`,
      {
        next: 'keep one of them',
      },
    );
  }
  const classField = fields.get('nodeClassName');
  if (classField !== undefined) checkObjectName(controls.nodeClassName, classField, report);
  const hasServer = props.inference !== undefined && props.inference.template === undefined;
  for (const control of ['runtime', 'performanceMode', 'weights'] as const) {
    const annotation = fields.get(control);
    if (annotation === undefined || hasServer || report.isBroken('inference')) continue;
    const what = props.tuning === undefined ? 'a pod template' : 'tuning';
    report.warning('ignored-annotation', annotation, `has no effect on ${what}`, {
      next: 'remove it',
      atKey: true,
    });
  }
}
