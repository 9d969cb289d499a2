import { nodeGroupName } from '../../workload/names';
import type { PlacedObject } from '../tree';
import { argocdObjects } from './argocd';
import { fluxObjects } from './flux';
import type { Repository } from '../repository';
import { appliedFolder, type AppliedFolder } from './folder';

/** Folder, below a cluster's, of what belongs to the whole cluster. */
export const PLATFORM = 'platform';

/**
 * The objects that have each cluster's engine apply the folders of `objects`, in a folder of their own:
 * `<cluster>/argocd` or `<cluster>/flux`.
 */
export function engineObjects(repository: Repository, objects: readonly PlacedObject[]): PlacedObject[] {
  const byFolder = new Map<string, PlacedObject[]>();
  for (const placed of objects) {
    const members = byFolder.get(placed.folder);
    if (members === undefined) byFolder.set(placed.folder, [placed]);
    else members.push(placed);
  }
  const byCluster = new Map<string, { engine: PlacedObject['engine']; folders: AppliedFolder[] }>();
  for (const folder of [...byFolder.keys()].sort()) {
    const members = byFolder.get(folder) ?? [];
    const [cluster = '', ...rest] = folder.split('/');
    const entry = byCluster.get(cluster) ?? { engine: members[0]?.engine ?? 'argocd', folders: [] };
    entry.folders.push(appliedFolder(folder, nameOf(rest), members));
    byCluster.set(cluster, entry);
  }
  return [...byCluster].flatMap(([cluster, { engine, folders }]) => {
    const made =
      engine === 'argocd' ? argocdObjects(cluster, repository, folders) : fluxObjects(cluster, repository, folders);
    return made.map((object) => ({ object, folder: `${cluster}/${engine}`, construct: cluster, engine }));
  });
}

function nameOf(rest: readonly string[]): string {
  const [first = PLATFORM, workspace] = rest;
  return workspace === undefined ? first : nodeGroupName(first, workspace);
}
