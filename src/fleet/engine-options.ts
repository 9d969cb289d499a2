import type { EngineOptions } from '../sizing/engine';
import { CACHE_TYPES } from '../sizing/kv-cache/cache-types';
import type { InferenceSpec, WorkspaceSpec } from '../spec/normal';
import type { Problem } from '../spec/problem';
import type { VllmOptionValue } from '../spec/workspace';

type Options = Readonly<Record<string, VllmOptionValue>>;

/** Options that change the memory in a way that sizing does not count, with what it does instead. */
const NOT_COUNTED: Readonly<Record<string, string>> = {
  'cpu-offload-gb': 'weights are counted as if all of them stayed on the GPU',
  'kv-cache-memory-bytes': 'the cache is counted from gpu-memory-utilization, which vLLM then ignores',
  'kv-offloading-size': 'the cache is counted as that of the GPU alone',
  'num-gpu-blocks-override': 'the cache is counted from the memory that is left',
  'speculative-config': 'neither the weights nor the cache of the draft are counted',
  quantization: 'weights are counted as the checkpoint has them',
  'hf-overrides': 'the network is counted as its preset describes it',
  'enable-dbo': 'the buffers of one batch are counted, not of two',
};

/** What a Workspace tells vLLM's engine that changes the memory it needs. */
export function engineOptions({ config, performanceMode }: InferenceSpec): EngineOptions {
  const options: Options = config?.vllm ?? {};
  const capture =
    whole(options, 'max-cudagraph-capture-size') ??
    whole(options, 'compilation-config.max_cudagraph_capture_size');
  const found: Partial<Record<keyof EngineOptions, number | string | boolean | undefined>> = {
    maxBatchedTokens: whole(options, 'max-num-batched-tokens'),
    maxSequences: whole(options, 'max-num-seqs'),
    doubledBatches:
      performanceMode === 'throughput' || options['performance-mode'] === 'throughput' || undefined,
    chunkedPrefill: onOff(options, 'enable-chunked-prefill'),
    cacheDtype: cacheType(options['kv-cache-dtype']),
    blockSize: whole(options, 'block-size'),
    prefixCaching: onOff(options, 'enable-prefix-caching'),
    hybridManager: negated(onOff(options, 'disable-hybrid-kv-cache-manager')),
    asyncScheduling: onOff(options, 'async-scheduling'),
    decodeContextParallel: whole(options, 'decode-context-parallel-size'),
    eager: onOff(options, 'enforce-eager'),
    largestCapture: capture,
    textOnly: onOff(options, 'language-model-only'),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

/** Warnings for options of a Workspace that change the memory and are not counted. */
export function checkUncounted(workspace: WorkspaceSpec): Problem[] {
  const { inference } = workspace;
  if (inference?.runtime !== 'vllm') return [];
  return Object.keys(inference.config?.vllm ?? {}).flatMap((option): Problem[] => {
    const instead = NOT_COUNTED[option.split('.')[0] ?? option];
    if (instead === undefined) return [];
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

/** A positive whole number, quoted or not. */
function whole(options: Options, flag: string): number | undefined {
  const value = options[flag];
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number > 0 ? number : undefined;
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
