import { LORA_RANKS } from './adapters';
import type { SizingRequest } from './placement';

/** Why no machine can answer a request, whatever it has. */
export interface RequestProblem {
  readonly code: string;
  readonly reason: string;
}

/** What is wrong with the request itself; null when nothing is. */
export function requestProblem(request: SizingRequest): RequestProblem | null {
  const { model, runtime, contextLength, concurrency, nodes, gpuMemoryUtilization, adapters } = request;
  if (!model.runtimes.includes(runtime)) {
    return {
      code: 'runtime-not-supported',
      reason: `${model.name} does not run on ${runtime}; it runs on ${model.runtimes.join(', ')}`,
    };
  }
  const counts = {
    'context length': contextLength,
    concurrency,
    nodes,
    'number of adapters': adapters?.count,
  };
  for (const [name, value] of Object.entries(counts)) {
    if (value !== undefined && (!Number.isSafeInteger(value) || value < 1)) {
      return { code: 'bad-number', reason: `the ${name} is ${value}, and has to be a whole number from 1` };
    }
  }
  if (contextLength !== undefined && contextLength > model.maxContext) {
    return {
      code: 'context-too-long',
      reason: `a context of ${contextLength} tokens is more than the ${model.maxContext} that ${model.name} can have`,
    };
  }
  if (gpuMemoryUtilization !== undefined && !(gpuMemoryUtilization > 0 && gpuMemoryUtilization <= 1)) {
    return {
      code: 'bad-number',
      reason: `the GPU memory utilization is ${gpuMemoryUtilization}, and has to be above 0 and at most 1`,
    };
  }
  const largestRank = Math.max(...LORA_RANKS);
  if (
    adapters &&
    !(Number.isSafeInteger(adapters.maxRank) && adapters.maxRank >= 1 && adapters.maxRank <= largestRank)
  ) {
    return {
      code: 'bad-number',
      reason: `the largest adapter rank is ${adapters.maxRank}, and has to be a whole number from 1 to ${largestRank}`,
    };
  }
  return null;
}
