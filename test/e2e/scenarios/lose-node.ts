import { refOf, type Manifest } from '../bench/cluster/manifest';
import type { InstanceType } from '../bench/control-plane/instance-types';
import type { Pod } from '../checks/nodes';
import type { Scenario } from './scenario';

/**
 * Lose a machine: its Node leaves without a goodbye. Kubernetes would miss its pods after a minute and Karpenter its machine after
 * two, each at its next look round; here both look at once. Karpenter can then buy what `types` says.
 */
export async function loseNode(
  { bench: { cluster, karpenter } }: Scenario,
  lost: Manifest,
  types: readonly InstanceType[],
): Promise<void> {
  const node = { ...lost, apiVersion: 'v1', kind: 'Node' };
  await karpenter.offer(types, async () => {
    await cluster.patch(refOf(node), { metadata: { finalizers: null } });
    await cluster.delete(refOf(node));
    const pods = await cluster.list<Pod>('v1', 'Pod');
    for (const pod of pods.filter(({ spec }) => spec.nodeName === lost.metadata.name)) {
      await cluster.delete(refOf({ ...pod, apiVersion: 'v1', kind: 'Pod' }), 0);
    }
  });
}
