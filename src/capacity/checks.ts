import type { Problem } from '../spec/problem';
import type { CapacityRequest } from './contract';

/** GPU partitions exist on nodes that somebody has partitioned. */
export function checkPartition({ decision: { workspace } }: CapacityRequest): Problem[] {
  if (workspace.resource.partition === null) return [];
  return [
    {
      severity: 'error',
      code: 'partition-without-own-nodes',
      ...workspace.at('resource.partition'),
      message: 'a part of a GPU node is asked for, but the nodes of this cluster are made for each Workspace',
      next: 'leave resource.partition out, or use a Cluster with nodeProvisioning of kind ownNodes',
    },
  ];
}

/** Only some kinds of capacity buy interruptible machines. */
export function checkOnDemandOnly({ decision: { workspace } }: CapacityRequest, who: string): Problem[] {
  const { capacityType } = workspace.resource;
  if (capacityType === 'on-demand') return [];
  return [
    {
      severity: 'error',
      code: 'spot-not-supported',
      ...workspace.at('resource.capacityType'),
      message: `capacityType ${capacityType} cannot be honoured: ${who}`,
      allowed: 'on-demand',
      next: 'leave resource.capacityType out, or use a Cluster with nodeProvisioning of kind karpenter',
    },
  ];
}

/** A node class belongs to Karpenter; `why` says what has none. */
export function warnNodeClass({ decision: { workspace } }: CapacityRequest, why: string): Problem[] {
  if (workspace.resource.nodeClassName === null) return [];
  return [
    {
      severity: 'warning',
      code: 'node-class-without-karpenter',
      ...workspace.at('resource.nodeClassName'),
      message: `node class ${workspace.resource.nodeClassName} has no effect: ${why}`,
      next: 'remove it, or use a Cluster with nodeProvisioning of kind karpenter',
    },
  ];
}
