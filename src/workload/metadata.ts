import { LABELS, type NodeDecision } from './decision';

/** Labels that belong to others: Argo CD's tracking label, and what KAITO's controllers act on. */
const RESERVED = /^(app\.kubernetes\.io\/instance$|([^/]+\.)?kaito\.sh\/)/;

/** True for label keys that Slipway never writes. */
export function isReservedLabel(key: string): boolean {
  return RESERVED.test(key);
}

/** `labels` without those that Slipway never writes. */
export function withoutReserved(labels: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).filter(([key]) => !isReservedLabel(key)));
}

/** Labels that pods of the Workspace are selected by. They never change, since selectors are immutable. */
export function selectorLabels({ workspace }: NodeDecision): Record<string, string> {
  return { [LABELS.workspace]: workspace.name };
}

/** Labels of every object and pod of the Workspace: the cluster's, the user's, ours. */
export function labelsOf(decision: NodeDecision): Record<string, string> {
  const given = withoutReserved({ ...decision.cluster.defaults.labels, ...decision.workspace.labels });
  return { ...given, ...selectorLabels(decision), [LABELS.managedBy]: 'slipway' };
}

/** Metadata of an object of the Workspace with the user's labels and annotations. */
export function objectMetadata(
  decision: NodeDecision,
  name: string,
  extra: Readonly<Record<string, string>> = {},
): {
  name: string;
  namespace: string;
  labels: Record<string, string>;
  annotations?: Record<string, string>;
} {
  const { workspace } = decision;
  const annotations = { ...workspace.annotations, ...extra };
  return {
    name,
    namespace: workspace.namespace,
    labels: labelsOf(decision),
    ...(Object.keys(annotations).length > 0 && { annotations }),
  };
}
