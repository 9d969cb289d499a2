import type { EngineOptions } from '../../sizing/engine';
import { CACHE_TYPES } from '../../sizing/kv-cache/cache-types';
import type { Runtime } from '../../spec/workspace';

/** Options of `slipway size` as they are typed. */
export interface SizeOptions {
  readonly model: string;
  readonly machine?: string;
  readonly cloud?: string;
  readonly context?: string;
  readonly concurrency?: string;
  readonly nodes?: string;
  readonly runtime: string;
  readonly gpuMemoryUtilization?: string;
  readonly maxNumSeqs?: string;
  readonly maxNumBatchedTokens?: string;
  readonly kvCacheDtype?: string;
  readonly performanceMode?: string;
  readonly enforceEager?: boolean;
  readonly presets?: string;
  readonly json?: boolean;
}

/** What the options ask of sizing. */
export interface Wishes {
  readonly runtime: Runtime;
  readonly contextLength?: number;
  readonly concurrency?: number;
  readonly nodes?: number;
  readonly gpuMemoryUtilization?: number;
  readonly engine?: EngineOptions;
}

const RUNTIMES: readonly Runtime[] = ['vllm', 'transformers'];
const PERFORMANCE_MODES: readonly string[] = ['balanced', 'interactivity', 'throughput'];

/** The numbers behind the options, or everything that is wrong with them. */
export function parseWishes(options: SizeOptions): Wishes | { readonly problems: readonly string[] } {
  const problems: string[] = [];
  const whole = (flag: string, text: string | undefined): number | undefined => {
    if (text === undefined) return undefined;
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= 1) return value;
    problems.push(`${flag} is "${text}"; allowed is a whole number from 1`);
    return undefined;
  };
  const contextLength = whole('--context', options.context);
  const concurrency = whole('--concurrency', options.concurrency);
  const nodes = whole('--nodes', options.nodes);
  const utilization = share(options.gpuMemoryUtilization, problems);
  const runtime = oneOf('--runtime', options.runtime, RUNTIMES, problems);
  const maxSequences = whole('--max-num-seqs', options.maxNumSeqs);
  const maxBatchedTokens = whole('--max-num-batched-tokens', options.maxNumBatchedTokens);
  const cacheDtype = oneOf('--kv-cache-dtype', options.kvCacheDtype, CACHE_TYPES, problems);
  const mode = oneOf('--performance-mode', options.performanceMode, PERFORMANCE_MODES, problems);
  const engine: EngineOptions = {
    ...(maxSequences === undefined ? {} : { maxSequences }),
    ...(maxBatchedTokens === undefined ? {} : { maxBatchedTokens }),
    ...(cacheDtype === undefined || cacheDtype === 'auto' ? {} : { cacheDtype }),
    ...(mode === 'throughput' ? { doubledBatches: true } : {}),
    ...(mode === 'interactivity' ? { fineCaptures: true } : {}),
    ...(options.enforceEager === true ? { eager: true } : {}),
  };
  if (problems.length > 0 || !runtime) return { problems };
  return {
    runtime,
    ...(contextLength === undefined ? {} : { contextLength }),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(nodes === undefined ? {} : { nodes }),
    ...(utilization === undefined ? {} : { gpuMemoryUtilization: utilization }),
    ...(Object.keys(engine).length === 0 ? {} : { engine }),
  };
}

function oneOf<Word extends string>(
  flag: string,
  text: string | undefined,
  allowed: readonly Word[],
  problems: string[],
): Word | undefined {
  if (text === undefined) return undefined;
  const known = allowed.find((word) => word === text);
  if (known === undefined) problems.push(`${flag} is "${text}"; allowed are ${allowed.join(', ')}`);
  return known;
}

function share(text: string | undefined, problems: string[]): number | undefined {
  if (text === undefined) return undefined;
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (value > 0 && value <= 1) return value;
  problems.push(`--gpu-memory-utilization is "${text}"; allowed is a number above 0 and at most 1`);
  return undefined;
}
