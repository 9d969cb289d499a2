import { layerKindsOf } from './layer-kinds';
import type { MachineType } from '../catalog/machine';
import type { EstimateLevel } from './estimates/non-torch';
import { limitsWith } from './engine';
import { fit, type Fit, type FitRequest, type Unfit } from './fit';
import { gib } from './gib';
import { batchLimits } from './gpu-defaults';
import { attentionProblem } from './kv-cache/attention-kernels';
import { KAITO_CONTEXT, kaitoUtilization } from './kaito';
import { ledgerOf } from './ledger';
import { usableGpu, type UsableGpu } from './machine-problem';
import { nodePlan } from './node-plan';
import { shapeChoices, type ShapeChoice } from './parallel/choice';
import type { Misfit, Placement, SizingAnswer, SizingRequest } from './placement';
import { pricePerHour } from './price';
import { requestProblem } from './request-problem';
import { requestedBytes } from './stage-budget';
import { sizeTransformers } from './transformers';
import { stageWeightBytes } from './weights';

export { cheapestFirst } from './cheapest-first';

/**
 * Where and how a model runs on each of the machines, or why it cannot. Pure arithmetic: no I/O, the same answer for
 * the same question.
 */
export function size(request: SizingRequest): SizingAnswer {
  const problem = requestProblem(request);
  const placements: Placement[] = [];
  const misfits: Misfit[] = [];
  for (const machine of request.machines) {
    const answer = problem ? { machine, ...problem } : sizeOn(request, machine);
    if ('code' in answer) misfits.push(answer);
    else placements.push(answer);
  }
  return { placements, misfits };
}

function sizeOn(request: SizingRequest, machine: MachineType): Placement | Misfit {
  const gpu = usableGpu(machine);
  if ('code' in gpu) return { machine, ...gpu };
  return request.runtime === 'transformers'
    ? sizeTransformers(request, machine, gpu)
    : sizeVllm(request, machine, gpu);
}

/** Tries KAITO's count of nodes and, unless the user insists on a count, larger ones. */
function sizeVllm(request: SizingRequest, machine: MachineType, gpu: UsableGpu): Placement | Misfit {
  const { model, nodes: wanted } = request;
  const utilization = request.gpuMemoryUtilization ?? kaitoUtilization(machine.gpu);
  const kernels = attentionProblem(model.geometry, gpu.computeCapability);
  if (kernels !== null) {
    return {
      machine,
      code: 'attention-not-supported',
      reason: `vLLM cannot serve ${model.name} on ${machine.gpu.model}: ${kernels}`,
    };
  }
  const plan = nodePlan(model, gpu, request.contextLength);
  const layers = layerKindsOf(model.geometry).length;
  if (wanted !== undefined && wanted > layers) {
    return {
      machine,
      code: 'too-many-nodes',
      reason: `${wanted} nodes are asked for, and ${model.name} has ${layers} layers to divide among them`,
    };
  }
  const first = wanted ?? plan.nodes;
  let nearest: Attempt | undefined;
  const budget = requestedBytes(gpu.usableBytes, utilization);
  for (let nodes = first; nodes <= (wanted ?? Math.max(first, layers)); nodes++) {
    const { geometry } = model;
    const choices = shapeChoices({ geometry, gpusPerNode: gpu.count, nodes, copies: plan.copies });
    // Weights alone rule most of the small counts out, and quickly.
    if (
      nodes > first &&
      choices.every(
        ({ shape }) =>
          Math.max(...stageWeightBytes(model, shape, request.engine?.textOnly !== true)) > budget,
      )
    )
      continue;
    // A count that KAITO or the user has chosen is not overruled for what may as well be an error of an estimate.
    for (const level of nodes === first ? LEVELS : LEVELS.slice(0, 1)) {
      for (const choice of choices) {
        const tried = attempt(request, machine, gpu, { utilization, nodes, choice, level });
        if ('capacity' in tried.result) return placement(tried, tried.result, machine, gpu, nearest);
        nearest ??= tried;
      }
    }
  }
  return misfit(machine, request, nearest, wanted);
}

/** The usual estimates first. */
const LEVELS: readonly EstimateLevel[] = ['usual', 'low'];

/** One way to run the model that is tried. */
interface Arrangement {
  readonly utilization: number;
  readonly nodes: number;
  readonly choice: ShapeChoice;
  readonly level: EstimateLevel;
}

interface Attempt {
  readonly nodes: number;
  readonly choice: ShapeChoice;
  readonly request: FitRequest;
  readonly result: Fit | Unfit | { readonly problem: string };
}

function attempt(
  request: SizingRequest,
  machine: MachineType,
  gpu: UsableGpu,
  { utilization, nodes, choice, level }: Arrangement,
): Attempt {
  const { model, contextLength, concurrency = 1, adapters, engine = {} } = request;
  const fitRequest: FitRequest = {
    model,
    shape: choice.shape,
    usableBytes: gpu.usableBytes,
    utilization,
    computeCapability: gpu.computeCapability,
    limits: limitsWith(
      batchLimits({ memoryBytes: gpu.usableBytes, model: machine.gpu.model }),
      engine,
      contextLength ?? model.maxContext,
    ),
    adapters,
    engine,
    level,
    // A fit that holds only with the low estimates promises no more than what was asked for.
    contextLength: contextLength ?? (level === 'low' ? Math.min(KAITO_CONTEXT, model.maxContext) : null),
    leastContext: KAITO_CONTEXT,
    concurrency,
  };
  return { nodes, choice, request: fitRequest, result: fit(fitRequest) };
}

function placement(
  success: Attempt,
  result: Fit,
  machine: MachineType,
  gpu: UsableGpu,
  refused: Attempt | undefined,
): Placement {
  const { nodes, choice, request } = success;
  const notes = [
    ...(refused ? [refusal(refused, success)] : []),
    ...(choice.note === undefined ? [] : [choice.note]),
  ];
  return {
    machine,
    nodes,
    gpusPerNode: gpu.count,
    ...choice.shape,
    maxContext: result.capacity.maxContext,
    kvTokens: result.capacity.tokens,
    usableBytes: gpu.usableBytes,
    gpuMemoryUtilization: request.utilization,
    ledger: ledgerOf(request, result),
    pricePerHour: pricePerHour(machine, nodes),
    ...(notes.length === 0 ? {} : { notes }),
  };
}

/** Why KAITO's own arrangement was not taken, or how closely it fits. */
function refusal({ nodes, choice, request, result }: Attempt, taken: Attempt): string {
  const { tensorParallel, pipelineParallel, dataParallel } = request.shape;
  const arrangement =
    `KAITO's ${nodes} ${nodes === 1 ? 'node' : 'nodes'} (tensor ${tensorParallel}, pipeline ${pipelineParallel}, ` +
    `data parallel ${dataParallel})`;
  if (!('missingBytes' in result)) return `${arrangement} cannot be used`;
  if (nodes === taken.nodes && choice.shape === taken.choice.shape) {
    return (
      `a close fit: what the runtime needs beside weights and KV cache is counted at the low end of what is seen; by the usual ` +
      `estimates ${gib(result.missingBytes)} would be missing on the fullest GPU`
    );
  }
  const budget = requestedBytes(request.usableBytes, request.utilization);
  return (
    `${arrangement} would leave ${gib(result.missingBytes)} too little on the fullest GPU: weights ` +
    `${gib(result.use.weights)} of the ${gib(budget)} that vLLM may use`
  );
}

function misfit(
  machine: MachineType,
  request: SizingRequest,
  nearest: Attempt | undefined,
  wanted: number | undefined,
): Misfit {
  const { model } = request;
  if (!nearest) {
    return {
      machine,
      code: 'not-divisible',
      reason: `${model.name} has too few layers for the GPUs of ${machine.name}`,
    };
  }
  const { result, nodes, request: asked } = nearest;
  if ('problem' in result) {
    return {
      machine,
      code: result.problem.includes('utilization') ? 'utilization-too-high' : 'not-divisible',
      reason: result.problem,
    };
  }
  if (!('missingBytes' in result)) throw new TypeError('a fit is no misfit');
  const budget = requestedBytes(asked.usableBytes, asked.utilization);
  const tooHeavy = result.use.weights > budget;
  const where = `${nodes} x ${machine.name}`;
  const { tensorParallel, pipelineParallel } = asked.shape;
  const closest: Placement = {
    machine,
    nodes,
    gpusPerNode: (tensorParallel * pipelineParallel * asked.shape.dataParallel) / nodes,
    ...asked.shape,
    maxContext: result.context,
    kvTokens: 0,
    usableBytes: asked.usableBytes,
    gpuMemoryUtilization: asked.utilization,
    ledger: [],
    pricePerHour: pricePerHour(machine, nodes),
  };
  return {
    machine,
    code: tooHeavy ? 'weights-too-large' : wanted === undefined ? 'kv-cache-too-small' : 'too-few-nodes',
    reason:
      `${model.name} needs ${gib(result.missingBytes)} more on each GPU of ${where} (tensor parallel ${tensorParallel}, ` +
      `pipeline parallel ${pipelineParallel}): weights ${gib(result.use.weights)} and a KV cache of ${gib(result.cacheBytes)} ` +
      `for ${asked.concurrency} x ${result.context} tokens, of ${gib(budget)}`,
    missingBytes: result.missingBytes,
    closest,
  };
}
