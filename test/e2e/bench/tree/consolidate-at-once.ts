import { editObject } from './edit';
import { nodeGroupsOf, objectsOf, servesOnly } from './fleet';
import { refOf } from '../cluster/manifest';
import { readRenderedTree } from './rendered-tree';

/**
 * Let Karpenter remove and consolidate nodes that serve without the half hour's wait that is rendered: what may happen to them
 * then happens while somebody looks. Nodes of Jobs keep theirs, since they are looked at after the Job.
 */
export function consolidateAtOnce(repository: string): void {
  for (const cluster of readRenderedTree(repository)) {
    for (const pool of nodeGroupsOf(objectsOf(cluster))
      .filter(servesOnly)
      .flatMap(({ pools }) => pools)) {
      const folder = cluster.folders.find(({ objects }) =>
        objects.some(({ kind, metadata }) => kind === 'NodePool' && metadata.name === pool.metadata.name),
      );
      if (folder === undefined) throw new Error(`no folder holds NodePool ${pool.metadata.name}`);
      editObject(repository, folder, refOf(pool), (document) => {
        document.setIn(['spec', 'disruption', 'consolidateAfter'], '0s');
      });
    }
  }
}
