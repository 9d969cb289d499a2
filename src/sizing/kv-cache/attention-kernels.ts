import type { Geometry } from '../../catalog/model';

/** Lowest CUDA compute capability for which vLLM 0.32 has kernels of sparse attention: Hopper's. */
const SPARSE_ATTENTION_CAPABILITY = 9;

/**
 * Why vLLM 0.32 has no attention kernel for a model on GPUs of a compute capability, and would not start (the backends
 * of `v1/attention/backends/mla` and `models/deepseek_v4`); null where it has one. Lower case, no full stop.
 */
export function attentionProblem(geometry: Geometry, computeCapability: number): string | null {
  const sparse = geometry.mla?.indexer !== undefined || geometry.compressed !== undefined;
  if (!sparse || computeCapability >= SPARSE_ATTENTION_CAPABILITY) return null;
  return (
    `its sparse attention needs a GPU of CUDA compute capability ${SPARSE_ATTENTION_CAPABILITY.toFixed(1)} or newer, ` +
    `and this one has ${computeCapability.toFixed(1)}`
  );
}
