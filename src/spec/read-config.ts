import type { Configs } from './configs';
import { child } from './fields';
import { Report, type Locator } from './report';
import { checkShape } from './shape/check-shape';

/** A config's content, and where its fields stand. */
export interface FoundConfig {
  /** Checked against the published schema. */
  readonly value: unknown;
  /** Path of a field of the content, in the document that `report` is about. */
  readonly path: (name: string) => string;
  /** Problems of the content: the Workspace's own report, or that of the ConfigMap. */
  readonly report: Report;
  /** `locator`, which afterwards also knows the fields of the content. */
  readonly mount: (locator: Locator) => Locator;
}

/** Content of `inference.config` or `tuning.config`: what stands there, or what the ConfigMap of that name holds. */
export function findConfig(
  purpose: 'inference' | 'tuning',
  config: string | object,
  namespace: string,
  configs: Configs,
  report: Report,
): FoundConfig | undefined {
  const field = `${purpose}.config`;
  if (typeof config !== 'string') {
    return { value: config, path: (name) => child(field, name), report, mount: (locator) => locator };
  }
  const [key, shape] =
    purpose === 'inference'
      ? (['inference_config.yaml', 'InferenceConfig'] as const)
      : (['training_config.yaml', 'TrainingConfig'] as const);
  const content = configs.find(namespace, config, key, field, report);
  if (content === undefined) return undefined;
  const inner = new Report(content.locator);
  return {
    value: checkShape(shape, content.value, inner),
    path: (name) => name,
    report: inner,
    mount: (locator) => mountAt(locator, field, content.locator),
  };
}

function mountAt(outer: Locator, field: string, inner: Locator): Locator {
  const locate = (path: string, how: 'locate' | 'locateKey') =>
    path.startsWith(`${field}.`) ? inner[how](path.slice(field.length + 1)) : outer[how](path);
  return {
    locate: (path) => locate(path, 'locate'),
    locateKey: (path) => locate(path, 'locateKey'),
    written: (path) => (path.startsWith(`${field}.`) ? path.slice(field.length + 1) : outer.written(path)),
  };
}
