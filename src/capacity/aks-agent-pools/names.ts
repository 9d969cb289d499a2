import type { AksAgentPoolsProvisioning } from '../../spec/cluster';
import type { ClusterSpec } from '../../spec/normal';
import { LABELS } from '../../workload/decision';

/** Name of the Job and of what it needs. */
export const NAME = 'slipway-provisioner';
const DEFAULT_NAMESPACE = 'slipway-system';
const APP_LABEL = 'app.kubernetes.io/name';
/** Names of Kubernetes objects that become labels are at most this long. */
const MAX_NAME_LENGTH = 63;

/** A cluster and its provisioning, which is of this kind. */
export interface Target {
  readonly cluster: ClusterSpec;
  readonly provisioning: AksAgentPoolsProvisioning;
}

/** Labels by which the Job's pods are selected. */
export const SELECTOR = { [APP_LABEL]: NAME } as const;

/** Metadata of a namespaced object. */
export function metadataOf({ provisioning }: Target, name = NAME) {
  return { name, namespace: namespaceOf(provisioning), labels: clusterLabels() };
}

/** Labels of all objects. */
export function clusterLabels(): Record<string, string> {
  return { ...SELECTOR, [LABELS.managedBy]: 'slipway' };
}

/** Namespace of the Job. */
export function namespaceOf(provisioning: AksAgentPoolsProvisioning): string {
  return provisioning.namespace ?? DEFAULT_NAMESPACE;
}

/** Name of the Lease that the program takes for the AKS cluster; the Role names it. */
export function leaseName({ clusterName }: AksAgentPoolsProvisioning): string {
  const name = clusterName.toLowerCase().replace(/[^a-z0-9-]/g, '-');
  return `${NAME}-${name}`.slice(0, MAX_NAME_LENGTH).replace(/-+$/, '');
}
