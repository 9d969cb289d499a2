import type { ParallelShape } from '../parallel/shape';

const GIB = 2 ** 30;

/** Where in the range of what is seen an estimate lies. */
export type EstimateLevel = 'usual' | 'low';

/** Loaded kernels, cuBLAS and attention workspaces that appear while vLLM profiles: 0.3 to 1 GiB. */
const KERNELS: Readonly<Record<EstimateLevel, number>> = { usual: 0.65 * GIB, low: 0.3 * GIB };

/** NCCL's channels and buffers with tensor parallelism: 0.2 to 1 GiB. */
const COMMUNICATION: Readonly<Record<EstimateLevel, number>> = { usual: 0.6 * GIB, low: 0.2 * GIB };

/** NCCL between the stages of a pipeline, which hand on one tensor: the least of what is seen. */
const STAGE_COMMUNICATION = 0.2 * GIB;

/** CUDA's context before vLLM looks at the memory: 0.4 to 0.6 GiB. */
const CONTEXT = 0.5 * GIB;

/** NCCL and custom all-reduce before vLLM looks at the memory, with tensor parallelism: 0.3 to 1.5 GiB, the lower half. */
const EARLY_COMMUNICATION = 0.6 * GIB;

/** The same between the stages of a pipeline, which have no all-reduce: the least of what is seen. */
const EARLY_STAGE_COMMUNICATION = 0.3 * GIB;

/** How the GPUs of a replica share the model. */
type Shares = Pick<ParallelShape, 'tensorParallel' | 'pipelineParallel'>;

/** Memory that grows outside PyTorch while vLLM profiles, in bytes of one GPU. An estimate: vLLM measures it. */
export function nonTorchBytes(shares: Shares, level: EstimateLevel): number {
  return Math.ceil(KERNELS[level] + communication(shares, COMMUNICATION[level], STAGE_COMMUNICATION));
}

/** What must fit outside the share that vLLM may use, in bytes of one GPU: it is there before vLLM starts to count. */
export function contextBytes(shares: Shares): number {
  return Math.ceil(CONTEXT + communication(shares, EARLY_COMMUNICATION, EARLY_STAGE_COMMUNICATION));
}

function communication(
  { tensorParallel, pipelineParallel }: Shares,
  ofTensors: number,
  ofStages: number,
): number {
  if (tensorParallel > 1) return ofTensors;
  return pipelineParallel > 1 ? ofStages : 0;
}
