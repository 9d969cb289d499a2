import type { Cluster } from '../cluster/cluster';
import { kwokNodeClass } from './node-classes';
import { nodes } from './nodes';
import { restrictedNamespace } from './restricted-namespace';
import { DEFAULT_STORAGE_CLASS, storageClass } from './storage';

/** Make what a real cluster has before anything of ours is applied. */
export async function makeSurroundings(cluster: Cluster): Promise<void> {
  await cluster.apply([restrictedNamespace, ...nodes, kwokNodeClass, storageClass(DEFAULT_STORAGE_CLASS)]);
}
