import { replicasOf } from '../../workload';
import type { NodeDecision } from '../../workload/decision';

/** What a Workspace uses when all its replicas are there. */
export interface Usage {
  readonly cluster: string;
  readonly namespace: string;
  readonly name: string;
  /** Whole GPUs; a MIG slice is none. */
  readonly gpus: number;
  /** MIG slices by their profile. */
  readonly migSlices: Readonly<Record<string, number>>;
  /** 0 where no price is known. */
  readonly usdPerHour: number;
}

/** What the Workspace of `decision` uses at most: every replica, and the dearest machine type of its list. */
export function usageOf(decision: NodeDecision): Usage {
  const { workspace, cluster, placement, candidates } = decision;
  const replicas = replicasOf(decision);
  const dearest = Math.max(0, ...candidates.map(({ pricePerHour }) => pricePerHour ?? 0));
  const { partition } = workspace.resource;
  const pods = placement.nodes * replicas;
  return {
    cluster: cluster.name,
    namespace: workspace.namespace,
    name: workspace.name,
    gpus: partition?.mode === 'mig' ? 0 : placement.gpusPerNode * pods,
    migSlices: partition?.mode === 'mig' ? { [partition.profile]: pods } : {},
    usdPerHour: dearest * replicas,
  };
}
