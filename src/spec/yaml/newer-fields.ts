import type { Report } from '../report';
import type { Loose } from '../shape/loose';
import type { WorkspaceFields } from '../workspace';

type Parts = Loose<Pick<WorkspaceFields, 'resource' | 'inference' | 'tuning'>>;

/** Fields that v1alpha1 lacks; they are read all the same. Its InferenceSet has the access secret. */
export function warnNewer(
  { resource, inference, tuning }: Parts,
  report: Report,
  { hasAccessSecret }: { readonly hasAccessSecret: boolean },
): void {
  const secret = 'presetOptions.modelAccessSecret';
  const newer: readonly [string, unknown][] = [
    ['resource.partition', resource?.partition],
    [`inference.preset.${secret}`, inference?.preset?.presetOptions?.modelAccessSecret],
    [`tuning.preset.${secret}`, tuning?.preset?.presetOptions?.modelAccessSecret],
  ];
  for (const [field, value] of newer) {
    if (value === undefined || (hasAccessSecret && field.endsWith(secret))) continue;
    report.warning('newer-field', field, 'is no field of kaito.sh/v1alpha1; it is read as in v1beta1', {
      next: 'write apiVersion: kaito.sh/v1beta1',
      atKey: true,
    });
  }
}
