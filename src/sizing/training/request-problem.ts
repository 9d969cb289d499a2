import type { RequestProblem } from '../request-problem';
import type { TrainingRequest } from './request';

/** What is wrong with the request itself, whatever the machine; null when nothing is. */
export function trainingProblem(request: TrainingRequest): RequestProblem | null {
  const { model, nodes, lora, sequenceLength, batchSize, evaluationBatchSize, optimizerStates } = request;
  if (!model.tuning.supported) {
    return { code: 'model-not-tunable', reason: `${model.name} cannot be fine-tuned` };
  }
  if (nodes !== undefined && nodes !== 1) {
    return {
      code: 'single-node-only',
      reason: `fine-tuning runs on one node, and ${nodes} are asked for`,
    };
  }
  const counts = {
    'LoRA rank': [lora.rank, 1],
    'sequence length': [sequenceLength, 1],
    'batch size': [batchSize, 1],
    'evaluation batch size': [evaluationBatchSize, 0],
    'number of optimizer states': [optimizerStates, 0],
  } as const;
  for (const [name, [value, least]] of Object.entries(counts)) {
    if (Number.isSafeInteger(value) && value >= least) continue;
    return {
      code: 'bad-number',
      reason: `the ${name} is ${value}, and has to be a whole number from ${least}`,
    };
  }
  if (sequenceLength > model.maxContext) {
    return {
      code: 'context-too-long',
      reason: `a row of ${sequenceLength} tokens is more than the ${model.maxContext} that ${model.name} can have`,
    };
  }
  return null;
}
