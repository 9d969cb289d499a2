import { child } from '../../spec/fields';
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
export function checkNodeLabels({ decision }: CapacityRequest): Problem[] {
  const { workspace, cluster } = decision;
  const facts = machineFacts(decision);
  const problems: Problem[] = [];
  for (const [key, value] of Object.entries(workspace.resource.matchLabels)) {
    const place = workspace.at(child('resource.labelSelector.matchLabels', key));
    const reason = refusal(key, cluster.cloud === 'azure');
    const values = facts.get(key);
    if (reason !== null) {
      problems.push({
        severity: 'error',
        code: 'label-refused-by-karpenter',
        ...place,
        message: `label ${key} cannot be put on nodes: ${reason}`,
        next: 'remove it from labelSelector, or use a label in a domain of your own',
      });
    } else if (values?.includes(value) === false) {
      problems.push({
        severity: 'error',
        code: 'label-contradicts-machine',
        ...place,
        message: `no node that is made for the Workspace has ${key}=${value}, and its pods would wait for one`,
        allowed: values.join(', '),
        next: 'remove it: resource.instanceType and capacityType say what is bought',
      });
    }
  }
  return problems;
}

/** Labels whose values follow from what is bought. */
function machineFacts({ workspace, candidates }: CapacityRequest['decision']): Map<string, string[]> {
  const machines = candidates.map(({ machine }) => machine);
  const { capacityType } = workspace.resource;
  return new Map([
    ['node.kubernetes.io/instance-type', machines.map(({ name }) => name)],
    ['kubernetes.io/arch', [...new Set(machines.map(({ arch }) => arch))]],
    ['kubernetes.io/os', ['linux']],
    [
      'karpenter.sh/capacity-type',
      capacityType === 'spot-then-on-demand' ? ['spot', 'on-demand'] : [capacityType],
    ],
  ]);
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
