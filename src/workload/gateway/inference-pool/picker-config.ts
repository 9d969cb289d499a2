import type { PickerConfigProps } from '../../../spec/operations';

/** How an endpoint picker picks: plugins, and what each counts. */
export type PickerConfig = PickerConfigProps;

/** Reads each replica's `/metrics`, as the picker's other plugins expect it. */
const METRICS_PLUGINS: PickerConfig['plugins'] = [
  { type: 'metrics-data-source', parameters: { scheme: 'http', path: '/metrics', insecureSkipVerify: true } },
  { type: 'core-metrics-extractor' },
];

/** `config` with the plugins that read metrics, unless it has its own. */
export function withMetrics(config: PickerConfig): PickerConfig {
  const types = new Set(config.plugins.map(({ type }) => type));
  return {
    ...config,
    plugins: [...config.plugins, ...METRICS_PLUGINS.filter(({ type }) => !types.has(type))],
  };
}

/** Weights of llm-d's chart 0.9, which are KAITO v0.12's too: a cached prefix counts more than a short queue. */
const SCORERS = [
  ['queue-scorer', 2],
  ['kv-cache-utilization-scorer', 2],
  ['prefix-cache-scorer', 3],
] as const;
/** A replica that has the adapter in memory need not load it. */
const ADAPTER_SCORER = ['lora-affinity-scorer', 1] as const;
/** The transformers backend reports its queue, and has no blocks of KV cache to speak of. */
const QUEUE_ALONE = [['queue-scorer', 1]] as const;

/** Tokens that no cache holds, from which on a prompt is worth sending to a prefill pod; as KAITO v0.12. */
const NON_CACHED_TOKENS = 4;

/**
 * The picker's configuration for two halves of one model, after KAITO v0.12: prompts that the decode pod has not in its
 * cache are read by a prefill pod, the least busy one of each half.
 */
export function roleConfig(label: string): PickerConfig {
  const filter = (role: string) => ({
    type: 'by-label-selector',
    name: `${role}-filter`,
    parameters: { matchLabels: { [label]: role } },
  });
  const profile = (name: string, scorers: readonly (readonly [string, number])[]) => ({
    name,
    plugins: [
      { pluginRef: `${name}-filter` },
      ...scorers.map(([pluginRef, weight]) => ({ pluginRef, weight })),
      { pluginRef: 'max-score-picker' },
    ],
  });
  return {
    plugins: [
      { type: 'disagg-headers-handler' },
      { type: 'approx-prefix-cache-producer', parameters: { autoTune: true, blockSizeTokens: 64 } },
      { type: 'prefix-based-pd-decider', parameters: { nonCachedTokens: NON_CACHED_TOKENS } },
      { type: 'disagg-profile-handler', parameters: { deciders: { prefill: 'prefix-based-pd-decider' } } },
      filter('prefill'),
      filter('decode'),
      { type: 'load-aware-scorer', parameters: { threshold: 10 } },
      { type: 'kv-cache-utilization-scorer' },
      { type: 'max-score-picker' },
    ],
    schedulingProfiles: [
      profile('prefill', [['load-aware-scorer', 10]]),
      profile('decode', [
        ['load-aware-scorer', 10],
        ['kv-cache-utilization-scorer', 5],
      ]),
    ],
  };
}

/** The picker's configuration for replicas of one model that are all alike. */
export function scoringConfig(runtime: 'vllm' | 'transformers', hasAdapters: boolean): PickerConfig {
  const scorers: readonly (readonly [type: string, weight: number])[] =
    runtime === 'transformers' ? QUEUE_ALONE : hasAdapters ? [...SCORERS, ADAPTER_SCORER] : SCORERS;
  return {
    plugins: scorers.map(([type]) => ({ type })),
    schedulingProfiles: [
      { name: 'default', plugins: scorers.map(([pluginRef, weight]) => ({ pluginRef, weight })) },
    ],
  };
}
