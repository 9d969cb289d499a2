import type { Cluster } from '../cluster/cluster';
import { conditionOf, refOf, type Manifest } from '../cluster/manifest';

/** Node classes of the clouds: the bench has no controller that would look after them. */
const NODE_CLASSES = [
  { apiVersion: 'karpenter.azure.com/v1beta1', kind: 'AKSNodeClass' },
  { apiVersion: 'karpenter.k8s.aws/v1', kind: 'EC2NodeClass' },
] as const;

/** The node class that all NodePools of a bench refer to. */
export const KWOK_NODE_CLASS = { group: 'karpenter.kwok.sh', kind: 'KWOKNodeClass', name: 'e2e' } as const;

export const kwokNodeClass: Manifest = {
  apiVersion: `${KWOK_NODE_CLASS.group}/v1alpha1`,
  kind: KWOK_NODE_CLASS.kind,
  metadata: { name: KWOK_NODE_CLASS.name },
  spec: {},
};

/** Plays the part of the clouds' Karpenter providers: calls every node class ready, and again after each change. */
export async function readyNodeClasses(cluster: Cluster): Promise<void> {
  for (const { apiVersion, kind } of NODE_CLASSES) {
    for (const nodeClass of await cluster.list<Manifest>(apiVersion, kind)) {
      if (conditionOf(nodeClass, 'Ready')?.observedGeneration === nodeClass.metadata.generation) continue;
      const condition = {
        type: 'Ready',
        status: 'True',
        reason: 'Ready',
        message: '',
        lastTransitionTime: new Date().toISOString(),
        observedGeneration: nodeClass.metadata.generation ?? 1,
      };
      await cluster.patch(
        refOf({ ...nodeClass, apiVersion, kind }),
        { status: { conditions: [condition] } },
        'status',
      );
    }
  }
}
