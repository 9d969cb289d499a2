import type { NodeProvisioning } from '../spec/cluster';
import type { ClusterSpec } from '../spec/normal';
import { aksAgentPools } from './aks-agent-pools';
import type { Capacity } from './contract';
import { gpuProvisioner } from './gpu-provisioner';
import { karpenter } from './karpenter';
import { ownNodes } from './own-nodes';

const KINDS: Readonly<Record<NodeProvisioning['kind'], Capacity>> = {
  karpenter,
  gpuProvisioner,
  aksAgentPools,
  ownNodes,
};

/** The capacity behind `cluster.nodeProvisioning`. */
export function capacityOf(cluster: ClusterSpec): Capacity {
  return KINDS[cluster.nodeProvisioning.kind];
}
