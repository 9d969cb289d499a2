import { child } from '../../spec/fields';
import type { Problem } from '../../spec/problem';
import { checkOnDemandOnly } from '../checks';
import type { Capacity, CapacityRequest } from '../contract';
import { gpuTolerations } from '../tolerations';
import { checkPartition } from './partition';

/** Label of GPU nodes with the product, written by NVIDIA's GPU feature discovery. */
const PRODUCT_LABEL = 'nvidia.com/gpu.product';

/** Nodes that exist already: nothing is made; pods select them by their GPU and the user's labels. */
export const ownNodes: Capacity = {
  check: (request) => [
    ...checkOnDemandOnly(request, 'the nodes exist already'),
    ...checkNodeClass(request),
    ...checkProduct(request),
    ...checkPartition(request),
  ],
  scheduling: (request) => ({
    nodeSelector: nodeSelector(request),
    tolerations: gpuTolerations(request.decision),
  }),
  synthesize: () => undefined,
};

function nodeSelector({ decision: { workspace, cluster } }: CapacityRequest): Record<string, string> {
  const { nodeProvisioning } = cluster;
  return {
    ...workspace.resource.matchLabels,
    ...(nodeProvisioning.kind === 'ownNodes' && { [PRODUCT_LABEL]: nodeProvisioning.gpu.product }),
  };
}

function checkNodeClass({ decision: { workspace } }: CapacityRequest): Problem[] {
  if (workspace.resource.nodeClassName === null) return [];
  return [
    {
      severity: 'error',
      code: 'node-class-without-karpenter',
      ...workspace.at('resource.nodeClassName'),
      message: `node class ${workspace.resource.nodeClassName} is named, but the cluster's nodes exist already`,
      next: 'leave it out, or use a Cluster with nodeProvisioning of kind karpenter',
    },
  ];
}

/** The user's word for the GPU against the Cluster's, by which the model was sized. */
function checkProduct({ decision: { workspace, cluster } }: CapacityRequest): Problem[] {
  const { nodeProvisioning } = cluster;
  const given = workspace.resource.matchLabels[PRODUCT_LABEL];
  if (nodeProvisioning.kind !== 'ownNodes' || given === undefined) return [];
  const { product } = nodeProvisioning.gpu;
  if (given === product) return [];
  return [
    {
      severity: 'error',
      code: 'contradiction',
      ...workspace.at(child('resource.labelSelector.matchLabels', PRODUCT_LABEL)),
      message: `asks for nodes with ${given}, and those of the Cluster have ${product}`,
      allowed: product,
      next: 'remove it, or describe the other nodes in a Cluster of their own',
    },
  ];
}
