const GIB = 2 ** 30;

/** Where in the range of what is seen an estimate lies. */
export type EstimateLevel = 'usual' | 'low';

/** Loaded kernels, cuBLAS and attention workspaces that appear while vLLM profiles: 0.3 to 1 GiB. */
const KERNELS: Readonly<Record<EstimateLevel, number>> = { usual: 0.65 * GIB, low: 0.3 * GIB };

/** NCCL's channels and buffers where a replica has several GPUs: 0.2 to 1 GiB. */
const COMMUNICATION: Readonly<Record<EstimateLevel, number>> = { usual: 0.6 * GIB, low: 0.2 * GIB };

/** CUDA's context before vLLM looks at the memory: 0.4 to 0.6 GiB. */
const CONTEXT = 0.5 * GIB;

/** NCCL and custom all-reduce before vLLM looks at the memory, with several GPUs: 0.3 to 1.5 GiB, the lower half. */
const EARLY_COMMUNICATION = 0.6 * GIB;

/** Memory that grows outside PyTorch while vLLM profiles, in bytes of one GPU. An estimate: vLLM measures it. */
export function nonTorchBytes(gpusOfReplica: number, level: EstimateLevel): number {
  return Math.ceil(KERNELS[level] + (gpusOfReplica > 1 ? COMMUNICATION[level] : 0));
}

/** What must fit outside the share that vLLM may use, in bytes of one GPU: it is there before vLLM starts to count. */
export function contextBytes(gpusOfReplica: number): number {
  return Math.ceil(CONTEXT + (gpusOfReplica > 1 ? EARLY_COMMUNICATION : 0));
}
