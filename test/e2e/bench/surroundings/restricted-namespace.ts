import type { Manifest } from '../cluster/manifest';

/** Where pods are offered to the API server, to hear what Pod Security says of them. Nothing ever runs in it. */
export const RESTRICTED_NAMESPACE = 'e2e-restricted';

/** The namespace, with the level that every image of ours has to pass. */
export const restrictedNamespace: Manifest = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: RESTRICTED_NAMESPACE, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
};
