import type { Report } from '../report';
import type { Loose } from '../shape/loose';
import type { ResourceProps, TuningOutputFields, TuningProps } from '../workspace';
import { checkDataSource, checkImage, checkUrls, checkVolumeSource } from './data-source';
import { checkObjectName } from './names';
import { checkPreset } from './preset';
import { checkWeights } from './weights';

/** Rules of `tuning` that need neither catalogue nor cluster; its config apart. */
export function checkTuning(
  tuning: Loose<TuningProps>,
  resource: Loose<ResourceProps> | undefined,
  report: Report,
): void {
  if (tuning.preset !== undefined) checkPreset(tuning.preset, 'tuning.preset', report);
  else if (!report.isBroken('tuning.preset')) {
    report.error('missing-field', 'tuning.preset', 'is required', { next: 'add preset.name' });
  }
  if (tuning.input !== undefined) {
    checkDataSource(tuning.input, 'tuning.input', ['urls', 'image', 'volumeSource'], report);
    checkUrls(tuning.input.urls, 'tuning.input.urls', report);
  }
  if (tuning.output !== undefined) checkOutput(tuning.output, report);
  checkWeights(tuning.weights, 'tuning.weights', report);
  if ((resource?.count ?? 1) > 1) {
    report.error('out-of-range', 'resource.count', `${String(resource?.count)} nodes cannot tune one model`, {
      allowed: '1',
      next: 'remove it, or take a machine type with more GPUs',
    });
  }
  if (resource?.partition !== undefined) {
    report.error('contradiction', 'resource.partition', 'tuning runs on whole nodes', {
      next: 'remove it',
      atKey: true,
    });
  }
}

function checkOutput(output: Loose<TuningOutputFields>, report: Report): void {
  const field = 'tuning.output';
  const { image, volumeSource, imagePushSecret } = output;
  const broken = report.isBroken(`${field}.image`) || report.isBroken(`${field}.volumeSource`);
  if (image === undefined && volumeSource === undefined && !broken) {
    report.error('missing-field', field, 'names neither image nor volumeSource', {
      allowed: 'exactly one of them',
      next: 'add one',
    });
  }
  if (image !== undefined && volumeSource !== undefined) {
    report.error('contradiction', field, 'names image and volumeSource', {
      allowed: 'exactly one of them',
      next: 'keep one',
    });
  }
  checkImage(image, `${field}.image`, report);
  checkVolumeSource(volumeSource, `${field}.volumeSource`, report);
  const secretField = `${field}.imagePushSecret`;
  if (image !== undefined && imagePushSecret === undefined && !report.isBroken(secretField)) {
    report.error('missing-field', secretField, 'is required to push the image', {
      next: 'name a Secret of type kubernetes.io/dockerconfigjson that may push',
    });
  }
  if (image === undefined && imagePushSecret !== undefined && !broken) {
    report.warning('ignored-field', secretField, 'has no effect: no image is pushed', {
      next: 'remove it',
      atKey: true,
    });
  }
  checkObjectName(imagePushSecret, secretField, report);
}
