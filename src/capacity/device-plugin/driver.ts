import type { NodeProvisioning } from '../../spec/cluster';

/** Whether nodes are made without NVIDIA's driver, which the GPU Operator then has to bring. */
export function hasNoDriver(provisioning: NodeProvisioning): boolean {
  return provisioning.kind === 'aksAgentPools' && provisioning.pools?.gpuDriver === 'None';
}
