import type { Problem } from '../../spec/problem';
import { LABELS } from '../../workload/decision';
import type { CapacityRequest } from '../contract';

/** Domains whose labels only AKS and the kubelet itself may put on nodes. */
const RESERVED_DOMAIN = /(^|\.)(kubernetes\.io|k8s\.io|kubernetes\.azure\.com)$/;
/** Labels without a domain that AKS sets itself. */
const RESERVED_NAMES = new Set(['agentpool', 'storageprofile', 'storagetier', 'accelerator']);

/** The user's labels that an agent pool cannot put on its nodes. */
export function checkNodeLabels({ decision: { workspace } }: CapacityRequest): Problem[] {
  return Object.keys(workspace.resource.matchLabels).flatMap((key) => {
    const domain = key.includes('/') ? key.slice(0, key.indexOf('/')) : '';
    if (!RESERVED_DOMAIN.test(domain) && !RESERVED_NAMES.has(key) && key !== LABELS.nodeGroup) return [];
    const field = `resource.labelSelector.matchLabels.${key}`;
    return [
      {
        severity: 'error' as const,
        code: 'label-refused-by-aks',
        ...workspace.at(field),
        message: `label ${key} cannot be put on the nodes of an agent pool: ${key === LABELS.nodeGroup ? 'Slipway sets it itself' : 'AKS reserves it'}`,
        next: 'remove it from labelSelector, or use a label in a domain of your own',
      },
    ];
  });
}

/** A node class belongs to Karpenter. */
export function checkNodeClass({ decision: { workspace } }: CapacityRequest): Problem[] {
  if (workspace.resource.nodeClassName === null) return [];
  return [
    {
      severity: 'warning',
      code: 'node-class-without-karpenter',
      ...workspace.at('resource.nodeClassName'),
      message: `node class ${workspace.resource.nodeClassName} has no effect: agent pools have none`,
      next: 'remove it, or use a Cluster with nodeProvisioning of kind karpenter',
    },
  ];
}
