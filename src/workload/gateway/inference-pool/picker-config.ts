/**
 * How an endpoint picker picks (llm-d.ai/v1alpha1, `EndpointPickerConfig` of llm-d's router 0.9): plugins, and what
 * each counts. The plugins that read metrics are added to it.
 */
export interface PickerConfig {
  readonly plugins: readonly {
    readonly type: string;
    readonly name?: string;
    readonly parameters?: Readonly<Record<string, unknown>>;
  }[];
  readonly schedulingProfiles: readonly {
    readonly name: string;
    readonly plugins: readonly { readonly pluginRef: string; readonly weight?: number }[];
  }[];
}

/** Reads each replica's `/metrics`, as the picker's other plugins expect it. */
export const METRICS_PLUGINS: PickerConfig['plugins'] = [
  { type: 'metrics-data-source', parameters: { scheme: 'http', path: '/metrics', insecureSkipVerify: true } },
  { type: 'core-metrics-extractor' },
];

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
