import type { NodeDecision } from './decision';

/** GPUs of one pod as an extended resource: whole ones, or one MIG slice. */
export function gpuResource({ workspace, placement }: NodeDecision): Record<string, string> {
  const { partition } = workspace.resource;
  if (partition?.mode === 'mig') {
    return { [`nvidia.com/mig-${partition.profile}`]: '1' };
  }
  return { 'nvidia.com/gpu': String(placement.gpusPerNode) };
}
