import type { Configs } from '../configs';
import { Report } from '../report';
import { checkShape } from '../shape/check-shape';
import { isPlainMap } from '../shape/empty-fields';

/** Labels of KAITO's pods that a picker's plugins select by, and those of ours that say the same. */
const LABELS: ReadonlyMap<string, string> = new Map(
  Object.entries<string>({
    'kaito.sh/inference-role': 'slipway.dev/inference-role',
    'multiroleinference.kaito.sh/created-by': 'slipway.dev/multi-role',
  }),
);

/**
 * The picker's configuration in a ConfigMap, key `config.yaml`, without what only says that it is one, and with the
 * labels of our pods in place of KAITO's; undefined when it cannot be read, which is then in `report`.
 */
export function readPickerConfig(
  { namespace, name, field }: { readonly namespace: string; readonly name: string; readonly field: string },
  configs: Configs,
  report: Report,
): Readonly<Record<string, unknown>> | undefined {
  const content = configs.find(namespace, name, 'config.yaml', field, report);
  if (content === undefined) return undefined;
  const inner = new Report(content.locator);
  const checked = checkShape('PickerConfig', content.value, inner);
  report.take(inner.problems);
  if (inner.problems.length > 0 || !isPlainMap(checked)) return undefined;
  const config = Object.entries(checked).filter(([key]) => key !== 'apiVersion' && key !== 'kind');
  return withOurLabels(Object.fromEntries(config)) as Readonly<Record<string, unknown>>;
}

function withOurLabels(value: unknown): unknown {
  if (typeof value === 'string') return LABELS.get(value) ?? value;
  if (Array.isArray(value)) return value.map(withOurLabels);
  if (!isPlainMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [LABELS.get(key) ?? key, withOurLabels(item)]),
  );
}
