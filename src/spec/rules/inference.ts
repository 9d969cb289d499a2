import { child } from '../fields';
import type { FoundConfig } from '../read-config';
import type { Report } from '../report';
import type { Loose } from '../shape/loose';
import { shown } from '../shape/shown';
import type { InferenceConfig, InferenceFields } from '../workspace';
import { checkAdapters } from './adapters';
import { checkImage } from './data-source';
import { checkInferenceConfig, limitsOf } from './inference-config';
import { checkAnnotations, checkLabels } from './labels';
import { checkPodSpec } from './pod-shape';
import { checkDnsLabel } from './names';
import { checkPreset } from './preset';
import { checkWeights } from './weights';

/** Fields that describe the server of a preset; a template brings its own. */
const PRESET_ONLY = [
  'config',
  'adapters',
  'runtime',
  'image',
  'servedName',
  'contextLength',
  'concurrency',
  'gpuMemoryUtilization',
  'weights',
  'role',
  'performanceMode',
  'multiNodeWorkload',
] as const satisfies readonly (keyof InferenceFields)[];

/** Rules of `inference` that need neither catalogue nor cluster; its config apart. */
export function checkInference(inference: Loose<InferenceFields>, report: Report): void {
  const { preset, template } = inference;
  const broken = report.isBroken('inference.preset') || report.isBroken('inference.template');
  if (preset === undefined && template === undefined && !broken) {
    report.error('missing-field', 'inference', 'names neither preset nor template', {
      allowed: 'exactly one of them',
      next: 'add preset.name; "slipway catalog models" lists the models',
      atKey: true,
    });
  }
  if (preset !== undefined && template !== undefined) {
    report.error('contradiction', 'inference', 'names both preset and template', {
      allowed: 'exactly one of them',
      next: 'remove one of them',
      atKey: true,
    });
  }
  if (preset !== undefined) checkPreset(preset, 'inference.preset', report);
  if (template !== undefined) checkTemplate(inference, report);
  checkAdapters(inference.adapters, report);
  if (typeof inference.image === 'object')
    checkImage(inference.image.reference, 'inference.image.reference', report);
  checkWeights(inference.weights, 'inference.weights', report);
}

/** Rules of the config of `inference`, and those that hold between the two. */
export function checkConfigOf(inference: Loose<InferenceFields>, config: FoundConfig, report: Report): void {
  const content = config.value as Loose<InferenceConfig>;
  checkInferenceConfig(content, config.path('vllm'), config.report);
  const { contextLength, gpuMemoryUtilization } = limitsOf(content);
  const pairs = [
    ['inference.contextLength', inference.contextLength, 'max-model-len', contextLength],
    [
      'inference.gpuMemoryUtilization',
      inference.gpuMemoryUtilization,
      'gpu-memory-utilization',
      gpuMemoryUtilization,
    ],
  ] as const;
  for (const [field, given, flag, other] of pairs) {
    if (given === undefined || other === null || given === other) continue;
    report.error('contradiction', field, `is ${shown(given)}, and ${flag} of the config is ${shown(other)}`, {
      next: 'keep one of them',
    });
  }
}

function checkTemplate(inference: Loose<InferenceFields>, report: Report): void {
  for (const name of PRESET_ONLY) {
    if (inference[name] === undefined) continue;
    report.error('contradiction', child('inference', name), 'has no effect with inference.template', {
      next: 'remove it, or serve a preset instead of the template',
      atKey: true,
    });
  }
  const { labels, annotations } = inference.template?.metadata ?? {};
  checkLabels(labels, 'inference.template.metadata.labels', report);
  checkAnnotations(annotations, 'inference.template.metadata.annotations', report);
  const { spec } = inference.template ?? {};
  if (spec !== undefined) checkPodSpec(spec, 'inference.template.spec', report);
  const containers = 'inference.template.spec.containers';
  inference.template?.spec?.containers?.forEach((container, index) => {
    checkDnsLabel(container?.name, `${child(containers, index)}.name`, report);
    checkImage(container?.image, `${child(containers, index)}.image`, report);
    if (container?.image === undefined && !report.isBroken(`${containers}[${index}]`)) {
      report.error('missing-field', `${child(containers, index)}.image`, 'is required', { next: 'add it' });
    }
  });
}
