import { GRAPH_MODES, type EngineOptions, type GraphMode } from '../sizing/engine';
import { CACHE_TYPES } from '../sizing/kv-cache/cache-types';
import { DRAFTS_IN_STEP } from '../sizing/kv-cache/engine-arguments';
import type { InferenceSpec, WorkspaceSpec } from '../spec/normal';
import type { Problem } from '../spec/problem';
import { isPlainMap } from '../spec/shape/empty-fields';
import type { VllmOptionValue } from '../spec/workspace';
import { count, counts } from './option-numbers';
import { jsonOption } from './json-option';

type Options = Readonly<Record<string, VllmOptionValue>>;

/** Options that change the memory in a way that sizing does not count, with what it does instead. */
const NOT_COUNTED: ReadonlyMap<string, string> = new Map(
  Object.entries<string>({
    'cpu-offload-gb': 'weights are counted as if all of them stayed on the GPU',
    'kv-cache-memory-bytes': 'the cache is counted from gpu-memory-utilization, which vLLM then ignores',
    'kv-offloading-size': 'the cache is counted as that of the GPU alone',
    'num-gpu-blocks-override': 'the cache is counted from the memory that is left',
    'speculative-config': 'neither the weights nor the cache of the network that drafts are counted',
    quantization: 'weights are counted as the checkpoint has them',
    'hf-overrides': 'the network is counted as its preset describes it',
    'enable-dbo': 'the buffers of one batch are counted, not of two',
  }),
);

/** Ways of drafting without a network of their own: tokens are found in what was said before. */
const DRAFTS_WITHOUT_NETWORK: ReadonlySet<unknown> = new Set(['ngram', 'suffix']);

/** What a Workspace tells vLLM's engine that changes the memory it needs. */
export function engineOptions({ config, performanceMode }: InferenceSpec): EngineOptions {
  const options: Options = config?.vllm ?? {};
  const compilation = jsonOption(options, 'compilation-config');
  const drafting = jsonOption(options, 'speculative-config');
  const mode = options['performance-mode'] ?? performanceMode;
  const found: { readonly [Name in keyof EngineOptions]: EngineOptions[Name] | undefined } = {
    maxBatchedTokens: count(options['max-num-batched-tokens']),
    maxSequences: count(options['max-num-seqs']),
    doubledBatches: mode === 'throughput' || undefined,
    fineCaptures: mode === 'interactivity' || undefined,
    chunkedPrefill: onOff(options, 'enable-chunked-prefill'),
    cacheDtype: cacheType(options['kv-cache-dtype']),
    blockSize: count(options['block-size']),
    prefixCaching: onOff(options, 'enable-prefix-caching'),
    hybridManager: negated(onOff(options, 'disable-hybrid-kv-cache-manager')),
    asyncScheduling: DRAFTS_IN_STEP.has(drafting['method']) ? false : onOff(options, 'async-scheduling'),
    draftTokens: count(drafting['num_speculative_tokens']),
    decodeContextParallel: count(options['decode-context-parallel-size']),
    eager: onOff(options, 'enforce-eager'),
    graphs: graphMode(compilation['cudagraph_mode']),
    largestCapture:
      count(options['max-cudagraph-capture-size']) ?? count(compilation['max_cudagraph_capture_size']),
    captureSizes: counts(options['cudagraph-capture-sizes'] ?? compilation['cudagraph_capture_sizes']),
    textOnly: onOff(options, 'language-model-only') ?? takesNoImages(options),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

/** Warnings for options of a Workspace that change the memory and are not counted. */
export function checkUncounted(workspace: WorkspaceSpec): Problem[] {
  const { inference } = workspace;
  if (inference?.runtime !== 'vllm') return [];
  const options = inference.config?.vllm ?? {};
  const hasNoNetwork = DRAFTS_WITHOUT_NETWORK.has(jsonOption(options, 'speculative-config')['method']);
  return Object.keys(options).flatMap((option): Problem[] => {
    const [name = option] = option.split('.');
    const instead = NOT_COUNTED.get(name);
    if (instead === undefined || (name === 'speculative-config' && hasNoNetwork)) return [];
    return [
      {
        severity: 'warning',
        code: 'option-not-counted',
        ...workspace.at(`inference.config.vllm.${option}`),
        message: `changes the memory of the GPU, and ${instead}`,
        next: 'try the Workspace on a GPU before relying on its context',
      },
    ];
  });
}

/** Image and video count as one: the encoder is there for both. */
function takesNoImages(options: Options): true | undefined {
  const limits = jsonOption(options, 'limit-mm-per-prompt');
  const isNone = (limit: unknown): boolean => limit === 0 || (isPlainMap(limit) && limit['count'] === 0);
  return isNone(limits['image']) && isNone(limits['video']) ? true : undefined;
}

function graphMode(value: unknown): GraphMode | undefined {
  return GRAPH_MODES.find((mode) => typeof value === 'string' && mode === value.toUpperCase());
}

/** A switch: given without a value, or with one, or as `no-<flag>`. */
function onOff(options: Options, flag: string): boolean | undefined {
  const read = (name: string): boolean | undefined => {
    const value = options[name];
    if (value === undefined) return undefined;
    return value === null || value === true || value === 'true';
  };
  return read(flag) ?? negated(read(`no-${flag}`));
}

function negated(value: boolean | undefined): boolean | undefined {
  return value === undefined ? undefined : !value;
}

/** A type whose size is known; others are refused where the options are checked. */
function cacheType(value: VllmOptionValue | undefined): string | undefined {
  return typeof value === 'string' && value !== 'auto' && CACHE_TYPES.includes(value) ? value : undefined;
}
