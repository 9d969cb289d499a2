import type { NodeProvisioning } from '../../../spec/cluster';
import type { Problem } from '../../../spec/problem';
import type { Decision } from '../../decision';
import { nodeFolder, weightsField, weightsOf } from '../../weights';

/** What makes nodes whose image is the cloud's own, which holds no weights. */
const STOCK_IMAGES: Readonly<Record<Exclude<NodeProvisioning['kind'], 'ownNodes'>, string>> = {
  karpenter: 'a node class that Slipway makes',
  gpuProvisioner: 'gpu-provisioner',
  aksAgentPools: 'an AKS agent pool',
};

/** Weights in a folder of the node: somebody has to have put them there. */
export function checkNode(decision: Decision): Problem[] {
  const { workspace, cluster, model } = decision;
  const weights = weightsOf(decision);
  if (weights.from !== 'node') return [];
  const { nodeProvisioning } = cluster;
  if (nodeProvisioning.kind === 'ownNodes') return [];
  const isOwnClass =
    nodeProvisioning.kind === 'karpenter' &&
    (workspace.resource.nodeClassName ?? nodeProvisioning.nodeClass?.name) !== undefined;
  if (isOwnClass) return [];
  const field = weightsField(workspace);
  return [
    {
      severity: 'error',
      code: 'node-without-weights',
      ...workspace.at(field),
      message: `nodes of ${STOCK_IMAGES[nodeProvisioning.kind]} start from an image of the cloud, which has no ${nodeFolder(weights, model)}`,
      allowed: 'own nodes, or a node class of your own with Karpenter',
      next:
        nodeProvisioning.kind === 'karpenter'
          ? 'name a node class whose image holds the folder in resource.nodeClassName, or write weights: {from: download} (in a KAITO document: remove the annotation)'
          : 'write weights: {from: download} (in a KAITO document: remove the annotation), or {from: sharedPvc, storageClassName: ...} to download once for all pods',
    },
  ];
}
