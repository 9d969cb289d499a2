import { child } from '../spec/fields';
import type { Problem } from '../spec/problem';
import { LABELS } from '../workload/decision';
import type { CapacityRequest } from './contract';

/** Domains whose labels only AKS, Karpenter's controllers and the kubelet itself may put on nodes. */
const RESERVED_DOMAIN = /(^|\.)(kubernetes\.io|k8s\.io|kubernetes\.azure\.com|karpenter\.sh)$/;
/** Labels without a domain that AKS sets itself. */
const RESERVED_NAMES = new Set(['agentpool', 'storageprofile', 'storagetier', 'accelerator']);

/** The user's labels that the agent pools of `whose` cannot put on their nodes. */
export function checkAksLabels({ decision: { workspace } }: CapacityRequest, whose: string): Problem[] {
  return Object.keys(workspace.resource.matchLabels).flatMap((key) => {
    const domain = key.includes('/') ? key.slice(0, key.indexOf('/')) : '';
    if (!RESERVED_DOMAIN.test(domain) && !RESERVED_NAMES.has(key) && key !== LABELS.nodeGroup) return [];
    return [
      {
        severity: 'error' as const,
        code: 'label-refused-by-aks',
        ...workspace.at(child('resource.labelSelector.matchLabels', key)),
        message: `label ${key} cannot be put on the nodes of ${whose}: ${reason(key, domain)}`,
        next: 'remove it from labelSelector, or use a label in a domain of your own',
      },
    ];
  });
}

function reason(key: string, domain: string): string {
  if (key === LABELS.nodeGroup) return 'Slipway sets it itself';
  return domain.endsWith('karpenter.sh') ? 'Karpenter reserves its domain' : 'AKS reserves it';
}
