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
}

const RUNTIMES: readonly Runtime[] = ['vllm', 'transformers'];

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
  const runtime = RUNTIMES.find((known) => known === options.runtime);
  if (!runtime) problems.push(`--runtime is "${options.runtime}"; allowed are ${RUNTIMES.join(', ')}`);
  if (problems.length > 0 || !runtime) return { problems };
  return {
    runtime,
    ...(contextLength === undefined ? {} : { contextLength }),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(nodes === undefined ? {} : { nodes }),
    ...(utilization === undefined ? {} : { gpuMemoryUtilization: utilization }),
  };
}

function share(text: string | undefined, problems: string[]): number | undefined {
  if (text === undefined) return undefined;
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (value > 0 && value <= 1) return value;
  problems.push(`--gpu-memory-utilization is "${text}"; allowed is a number above 0 and at most 1`);
  return undefined;
}
