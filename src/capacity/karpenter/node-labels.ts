import type { Problem } from '../../spec/problem';
import { LABELS } from '../../workload/decision';
import type { CapacityRequest } from '../contract';

/** Labels that Karpenter v1 refuses in a NodePool's template (CEL rules of karpenter.sh/v1, 1.14). */
const ALLOWED_OF_KARPENTER = new Set(['karpenter.sh/capacity-type']);
/** Labels that Karpenter's Azure provider is about to refuse there (karpenter-provider-azure#1707). */
const LEGACY_AZURE = new Set(['accelerator', 'agentpool']);

/** Labels of the nodes: ours, by which pods select them, and those that the user asks for. */
export function nodeLabels({ decision, nodeGroup }: CapacityRequest): Record<string, string> {
  return { ...decision.workspace.resource.matchLabels, [LABELS.nodeGroup]: nodeGroup };
}

/** The user's labels that a NodePool cannot put on its nodes. */
export function checkNodeLabels({ decision: { workspace, cluster } }: CapacityRequest): Problem[] {
  const problems: Problem[] = [];
  for (const key of Object.keys(workspace.resource.matchLabels)) {
    const reason = refusal(key, cluster.cloud === 'azure');
    if (reason === null) continue;
    const field = `resource.labelSelector.matchLabels.${key}`;
    problems.push({
      severity: 'error',
      code: 'label-refused-by-karpenter',
      ...workspace.at(field),
      message: `label ${key} cannot be put on nodes: ${reason}`,
      next: 'remove it from labelSelector, or use a label in a domain of your own',
    });
  }
  return problems;
}

function refusal(key: string, isAzure: boolean): string | null {
  const domain = key.includes('/') ? key.slice(0, key.indexOf('/')) : '';
  if (domain.endsWith('karpenter.sh') && !ALLOWED_OF_KARPENTER.has(key)) {
    return 'Karpenter reserves the domain karpenter.sh';
  }
  if (key === 'kubernetes.io/hostname') return 'Karpenter reserves it';
  if (key === LABELS.nodeGroup) return 'Slipway sets it itself';
  if (isAzure && LEGACY_AZURE.has(key)) return "Karpenter's Azure provider reserves it";
  return null;
}
