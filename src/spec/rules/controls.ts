import { child } from '../fields';
import { didYouMean } from '../nearest';
import type { Report } from '../report';
import type { Loose } from '../shape/loose';
import { shown } from '../shape/shown';
import { SCALED_OBJECT_ANNOTATIONS } from './scaled-object';
import type { InferenceFields, NodeImageFamily, NodeWeights, Runtime, ServiceProps } from '../workspace';

/** What KAITO's control annotations say. */
export interface Controls {
  runtime?: Runtime;
  serviceType?: NonNullable<ServiceProps['type']>;
  bypassResourceChecks?: true;
  nodeImageFamily?: NodeImageFamily;
  nodeClassName?: string;
  performanceMode?: NonNullable<InferenceFields['performanceMode']>;
  weights?: NodeWeights;
}

/** Control annotations, and the user's own ones. */
export interface ReadAnnotations {
  readonly controls: Controls;
  /** Where each control was written. */
  readonly fields: ReadonlyMap<keyof Controls, string>;
  readonly own: Readonly<Record<string, string>>;
}

/** One annotation of KAITO v0.12 (facts: kaito-project/kaito, `api/v1beta1/labels.go` and the controllers). */
type Reader = (
  value: string,
  field: string,
  controls: Controls,
  report: Report,
) => keyof Controls | undefined;

const STREAMING_ADVICE =
  'remove it; in a slipway.dev document inference.weights: {from: sharedPvc, storageClassName: ...} has the weights downloaded once for all pods';
const WRITTEN_ADVICE = 'remove it: the controller wrote it for its own use';

const READERS: ReadonlyMap<string, Reader> = new Map(
  Object.entries<Reader>({
    'kaito.sh/runtime': readRuntime,
    'kaito.sh/enablelb': readLoadBalancer,
    'kaito.sh/bypass-resource-checks': (_value, _field, controls) => {
      controls.bypassResourceChecks = true;
      return 'bypassResourceChecks';
    },
    'kaito.sh/node-image-family': readImageFamily,
    'kaito.sh/node-class-name': (value, _field, controls) => {
      if (value.trim() === '') return undefined;
      controls.nodeClassName = value.trim();
      return 'nodeClassName';
    },
    'kaito.sh/disable-benchmark': (value, field, _controls, report) => {
      if (value !== 'true')
        warnIgnored(report, field, value, 'no benchmark runs in the startup probe', 'remove it');
      return undefined;
    },
    'kaito.sh/performance-mode': readPerformanceMode,
    'kaito.sh/use-local-weights': readLocalWeights,
    'kaito.sh/model-streaming': (value, field, _controls, report) => {
      if (value !== 'disabled')
        warnIgnored(report, field, value, 'weights are not streamed', STREAMING_ADVICE);
      return undefined;
    },
    ...ignored('weights are not streamed', STREAMING_ADVICE, [
      'kaito.sh/model-mirror-storage-class',
      'kaito.sh/streaming-service-account',
      'inference.kaito.sh/static-model-mirror',
      'inference.kaito.sh/stream-datarefs-url',
      'inference.kaito.sh/stream-identity-client-id',
      'inference.kaito.sh/stream-source-type',
    ]),
    // They mean something together alone: `readScaledObject` reads them.
    ...Object.fromEntries(SCALED_OBJECT_ANNOTATIONS.map((key): [string, Reader] => [key, () => undefined])),
    ...ignored('it is status, not a wish', WRITTEN_ADVICE, [
      'workspace.kaito.io/revision',
      'workspace.kaito.io/hash',
      'kubectl.kubernetes.io/last-applied-configuration',
    ]),
  }),
);

/** Annotations that mean something to KAITO v0.12. */
export const CONTROL_ANNOTATIONS: readonly string[] = [...READERS.keys()];

const RUNTIMES: readonly string[] = ['vllm', 'transformers'] satisfies Runtime[];
const IMAGE_FAMILIES = ['ubuntu', 'azurelinux'] as const satisfies readonly NodeImageFamily[];
const PERFORMANCE_MODES = ['balanced', 'interactivity', 'throughput'] as const;

/** Tell KAITO's control annotations from the user's own, and read them as KAITO does. */
export function readControls(
  annotations: Loose<Readonly<Record<string, string>>> | undefined,
  field: string,
  report: Report,
): ReadAnnotations {
  const controls: Controls = {};
  const fields = new Map<keyof Controls, string>();
  const own: [string, string][] = [];
  for (const [key, value] of Object.entries(annotations ?? {})) {
    if (value === undefined) continue;
    const path = child(field, key);
    const reader = READERS.get(key);
    const control = reader?.(value, path, controls, report);
    if (control !== undefined) fields.set(control, path);
    if (reader !== undefined) continue;
    if (isKaitoKey(key)) {
      report.warning('unknown-annotation', path, 'KAITO v0.12 has no such annotation; it is passed over', {
        next: didYouMean(key, CONTROL_ANNOTATIONS) ?? 'remove it',
        atKey: true,
      });
    } else own.push([key, value]);
  }
  return { controls, fields, own: Object.fromEntries(own) };
}

/** True for keys in KAITO's domains. */
export function isKaitoKey(key: string): boolean {
  const [prefix = '', name] = key.split('/');
  return name !== undefined && /(^|\.)kaito\.(sh|io)$/.test(prefix);
}

function ignored(reason: string, next: string, keys: readonly string[]): Record<string, Reader> {
  const reader: Reader = (value, field, _controls, report) => {
    warnIgnored(report, field, value, reason, next);
    return undefined;
  };
  return Object.fromEntries(keys.map((key) => [key, reader]));
}

function warnIgnored(report: Report, field: string, value: string, reason: string, next: string): void {
  report.warning('ignored-annotation', field, `${shown(value)} has no effect: ${reason}`, {
    next,
    atKey: true,
  });
}

function readRuntime(value: string, field: string, controls: Controls, report: Report): keyof Controls {
  controls.runtime = value === 'transformers' ? 'transformers' : 'vllm';
  if (!RUNTIMES.includes(value)) {
    report.warning('unknown-runtime', field, `${shown(value)} is no runtime; vllm is used, as KAITO does`, {
      allowed: RUNTIMES.join(', '),
      next: didYouMean(value, RUNTIMES) ?? 'write vllm or transformers',
    });
  }
  return 'runtime';
}

function readLoadBalancer(
  value: string,
  field: string,
  controls: Controls,
  report: Report,
): keyof Controls | undefined {
  if (value === 'True') {
    controls.serviceType = 'LoadBalancer';
    return 'serviceType';
  }
  if (!/^false$/i.test(value)) {
    report.warning(
      'ignored-annotation',
      field,
      `${shown(value)} has no effect: only "True" makes a load balancer`,
      {
        allowed: '"True", "False"',
        next: /^true$/i.test(value) ? 'write "True"' : 'remove it',
      },
    );
  }
  return undefined;
}

function readImageFamily(
  value: string,
  field: string,
  controls: Controls,
  report: Report,
): keyof Controls | undefined {
  const family = IMAGE_FAMILIES.find((known) => known === value.trim().toLowerCase());
  if (family === undefined) {
    refuse(report, field, value, IMAGE_FAMILIES);
    return undefined;
  }
  controls.nodeImageFamily = family;
  return 'nodeImageFamily';
}

function readPerformanceMode(
  value: string,
  field: string,
  controls: Controls,
  report: Report,
): keyof Controls | undefined {
  const mode = PERFORMANCE_MODES.find((known) => known === value);
  if (mode === undefined) {
    refuse(report, field, value, PERFORMANCE_MODES);
    return undefined;
  }
  controls.performanceMode = mode;
  return 'performanceMode';
}

function readLocalWeights(
  value: string,
  field: string,
  controls: Controls,
  report: Report,
): keyof Controls | undefined {
  if (value === 'true') {
    controls.weights = { from: 'node' };
    return 'weights';
  }
  if (value !== 'false') refuse(report, field, value, ['true', 'false']);
  return undefined;
}

function refuse(report: Report, field: string, value: string, allowed: readonly string[]): void {
  report.error('invalid-value', field, `${shown(value)} is not allowed`, {
    allowed: allowed.join(', '),
    next: didYouMean(value, allowed),
  });
}
