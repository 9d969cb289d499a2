import { layerKindsOf } from '../layer-kinds';
import type { Geometry } from '../../catalog/model';
import type { ParallelShape } from './shape';
import { tensorParallelProblem } from './tensor-parallel';

/** What is to be arranged. */
export interface ShapeRequest {
  readonly geometry: Geometry;
  readonly gpusPerNode: number;
  readonly nodes: number;
  /** KAITO would run a copy of the model on each GPU of the node. */
  readonly copies: boolean;
}

/** A shape to try, with what is said about it. */
export interface ShapeChoice {
  readonly shape: ParallelShape;
  readonly note?: string;
}

/**
 * The ways to use the GPUs, the best first. KAITO v0.12: copies on one node where the model is small; else tensor
 * parallelism over the GPUs of a node and a pipeline over nodes. Where the model cannot be divided so, the largest part
 * of the node that divides it; the parts of one node are copies, or stages where a copy does not fit.
 */
export function shapeChoices(request: ShapeRequest): ShapeChoice[] {
  const { geometry, gpusPerNode, nodes, copies } = request;
  const choices: ShapeChoice[] = [];
  if (nodes === 1 && copies) {
    choices.push({ shape: { tensorParallel: 1, pipelineParallel: 1, dataParallel: gpusPerNode } });
  }
  const problem = tensorParallelProblem(geometry, gpusPerNode);
  if (problem === null) {
    choices.push({ shape: { tensorParallel: gpusPerNode, pipelineParallel: nodes, dataParallel: 1 } });
    return possible(choices, geometry);
  }
  const tensorParallel = largestDivisor(
    gpusPerNode,
    (part) => tensorParallelProblem(geometry, part) === null,
  );
  const parts = gpusPerNode / tensorParallel;
  const note = (use: string): string =>
    `${problem}: tensor parallelism over ${tensorParallel} of ${gpusPerNode} GPUs, ${parts} ${use}`;
  if (nodes === 1) {
    choices.push({
      shape: { tensorParallel, pipelineParallel: 1, dataParallel: parts },
      note: note('copies on the node'),
    });
  }
  choices.push({
    shape: { tensorParallel, pipelineParallel: nodes * parts, dataParallel: 1 },
    note: note('pipeline stages on each node'),
  });
  return possible(choices, geometry);
}

/** A pipeline has at most as many stages as there are layers. */
function possible(choices: readonly ShapeChoice[], geometry: Geometry): ShapeChoice[] {
  const layers = layerKindsOf(geometry).length;
  return choices.filter(({ shape }) => shape.pipelineParallel <= layers);
}

function largestDivisor(value: number, accepts: (divisor: number) => boolean): number {
  for (let divisor = value; divisor > 1; divisor--) {
    if (value % divisor === 0 && accepts(divisor)) return divisor;
  }
  return 1;
}
