import type { Manifest } from '../cluster/manifest';

/** The node class that all NodePools of a bench refer to. */
export const KWOK_NODE_CLASS = { group: 'karpenter.kwok.sh', kind: 'KWOKNodeClass', name: 'e2e' } as const;

export const kwokNodeClass: Manifest = {
  apiVersion: `${KWOK_NODE_CLASS.group}/v1alpha1`,
  kind: KWOK_NODE_CLASS.kind,
  metadata: { name: KWOK_NODE_CLASS.name },
  spec: {},
};
