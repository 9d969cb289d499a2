import { LABELS, type NodeDecision } from '../workload/decision';

/** Labels of the cluster-wide objects of a Workspace's nodes. */
export function nodeObjectLabels({ workspace }: NodeDecision, nodeGroup: string): Record<string, string> {
  return {
    [LABELS.workspace]: workspace.name,
    [LABELS.nodeGroup]: nodeGroup,
    [LABELS.managedBy]: 'slipway',
  };
}
