import type { AgentPool } from '@azure/arm-containerservice';
import type { PoolSpec, WaitLevel } from '../pools/document';
import { candidateOf } from '../reconcile/difference';

/** Instances that one GPU is split into by AKS's MIG profiles (A100 and H100; NVIDIA MIG user guide). */
const MIG_INSTANCES = { MIG1g: 7, MIG2g: 3, MIG3g: 2, MIG4g: 1, MIG7g: 1 } as const;
const DEFAULT_GPU_RESOURCE = 'nvidia.com/gpu';
const DEFAULT_NODES_TIMEOUT_SECONDS = 900;
const DEFAULT_GPU_TIMEOUT_SECONDS = 600;

/** GPUs of one machine of a type; undefined when it is not known. */
export type GpuCounts = (vmSize: string) => number | undefined;

/** What is waited for on one pool. */
export interface Expectation {
  readonly pool: string;
  readonly level: WaitLevel;
  readonly nodes: number;
  readonly gpuResource: string;
  /** Of one node; undefined: at least one. */
  readonly gpusPerNode: number | undefined;
  readonly nodesTimeoutSeconds: number;
  readonly gpuTimeoutSeconds: number;
  /** Who installs the driver; for the advice. */
  readonly driver: 'Install' | 'None';
}

/** What to wait for on `pool`, which Azure has as `actual`. */
export function expectationOf(
  pool: PoolSpec,
  actual: AgentPool,
  requested: WaitLevel | undefined,
  gpuCounts: GpuCounts,
): Expectation {
  const candidate = pool.candidates[candidateOf(pool, actual) ?? 0];
  const gpus = candidate?.gpusPerNode ?? gpuCounts(actual.vmSize ?? '');
  const instances = pool.gpuInstanceProfile ? MIG_INSTANCES[pool.gpuInstanceProfile] : 1;
  return {
    pool: pool.name,
    level: requested ?? pool.waitFor?.level ?? 'gpu',
    nodes: pool.autoscale ? pool.autoscale.min : (pool.count ?? 0),
    gpuResource: pool.waitFor?.gpuResource ?? DEFAULT_GPU_RESOURCE,
    gpusPerNode: gpus === undefined ? undefined : gpus * instances,
    nodesTimeoutSeconds: pool.waitFor?.nodesTimeoutSeconds ?? DEFAULT_NODES_TIMEOUT_SECONDS,
    gpuTimeoutSeconds: pool.waitFor?.gpuTimeoutSeconds ?? DEFAULT_GPU_TIMEOUT_SECONDS,
    driver: pool.gpuDriver ?? 'Install',
  };
}
