import type { MachineType } from '../../catalog/machine';
import { gib } from '../gib';
import { usableGpu } from '../machine-problem';
import type { LedgerLine, Misfit, Placement, SizingAnswer } from '../placement';
import { pricePerHour } from '../price';
import { trainingUse } from './ledger';
import { trainingProblem } from './request-problem';
import type { TrainingRequest } from './request';

/**
 * Where a model can be fine-tuned, or why it cannot. Each GPU of the one node holds a whole copy and trains on its own
 * rows. Pure arithmetic: no I/O, the same answer for the same question.
 */
export function sizeTraining(request: TrainingRequest): SizingAnswer {
  const problem = trainingProblem(request);
  const placements: Placement[] = [];
  const misfits: Misfit[] = [];
  for (const machine of request.machines) {
    const answer = problem === null ? sizeOn(request, machine) : { machine, ...problem };
    if ('code' in answer) misfits.push(answer);
    else placements.push(answer);
  }
  return { placements, misfits };
}

function sizeOn(request: TrainingRequest, machine: MachineType): Placement | Misfit {
  const gpu = usableGpu(machine);
  if ('code' in gpu) return { machine, ...gpu };
  const used = trainingUse(request, gpu.count);
  const left = gpu.usableBytes - used.reduce((sum, { bytes }) => sum + bytes, 0);
  const arrangement: Placement = {
    machine,
    nodes: 1,
    gpusPerNode: gpu.count,
    tensorParallel: 1,
    pipelineParallel: 1,
    dataParallel: gpu.count,
    maxContext: request.sequenceLength,
    kvTokens: 0,
    usableBytes: gpu.usableBytes,
    gpuMemoryUtilization: 1,
    ledger: [],
    pricePerHour: pricePerHour(machine, 1),
  };
  if (left < 0) return misfit(request, arrangement, used, -left);
  const ledger: LedgerLine[] = [
    ...used,
    { item: 'headroom', bytes: left, basis: 'estimated', note: 'what is left' },
  ];
  return { ...arrangement, ledger };
}

function misfit(
  request: TrainingRequest,
  closest: Placement,
  used: readonly LedgerLine[],
  missingBytes: number,
): Misfit {
  const { machine, usableBytes } = closest;
  const bytesOf = (...items: readonly string[]): number =>
    used.filter(({ item }) => items.includes(item)).reduce((sum, { bytes }) => sum + bytes, 0);
  const weights = bytesOf('weights', 'quantisation constants');
  const trained = bytesOf('LoRA parameters', 'gradients', 'optimizer states', 'gradient buckets');
  const step = bytesOf('activations', 'largest step', 'dequantised weight', 'fragmentation');
  return {
    machine,
    code: weights > usableBytes ? 'weights-too-large' : 'training-too-large',
    reason:
      `fine-tuning ${request.model.name} needs ${gib(missingBytes)} more on each GPU of ${machine.name}, which has ` +
      `${gib(usableBytes)}: weights ${gib(weights)}, LoRA with gradients and optimizer ${gib(trained)}, ` +
      `a step of ${request.batchSize} x ${request.sequenceLength} tokens ${gib(step)}`,
    missingBytes,
    closest,
  };
}
