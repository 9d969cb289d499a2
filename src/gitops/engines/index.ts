import { nodeGroupName } from '../../workload/names';
import type { PlacedObject } from '../tree';
import { claimsFilled, claimsMounted } from './claims';
import { argocdObjects } from './argocd';
import { fluxObjects } from './flux';
import type { Repository } from '../repository';
import { appliedFolder, type AppliedFolder } from './folder';

/** Folder, below a cluster's, of what belongs to the whole cluster. */
export const PLATFORM = 'platform';

/**
 * The objects that have each cluster's engine apply the folders of `objects`, in a folder of their own:
 * `<cluster>/argocd` or `<cluster>/flux`.
 *
 * @param clusters all clusters: one that has lost its last Workspace keeps what deletes it
 */
export function engineObjects(
  repository: Repository,
  objects: readonly PlacedObject[],
  clusters: readonly { readonly cluster: string; readonly engine: PlacedObject['engine'] }[] = [],
): PlacedObject[] {
  const byFolder = new Map<string, PlacedObject[]>();
  for (const placed of objects) {
    const members = byFolder.get(placed.folder);
    if (members === undefined) byFolder.set(placed.folder, [placed]);
    else members.push(placed);
  }
  const makers = new Map<string, string>();
  for (const [folder, members] of byFolder) {
    for (const claim of claimsFilled(members)) makers.set(`${clusterOf(folder)}/${claim}`, folder);
  }
  const byCluster = new Map<string, { engine: PlacedObject['engine']; folders: AppliedFolder[] }>(
    clusters.map(({ cluster, engine }) => [cluster, { engine, folders: [] }]),
  );
  for (const folder of [...byFolder.keys()].sort()) {
    const members = byFolder.get(folder) ?? [];
    const cluster = clusterOf(folder);
    const needed = claimsMounted(members).flatMap((claim) => makers.get(`${cluster}/${claim}`) ?? []);
    const needs = [...new Set(needed)].filter((other) => other !== folder).map(nameOf);
    const entry = byCluster.get(cluster) ?? { engine: members[0]?.engine ?? 'argocd', folders: [] };
    entry.folders.push(appliedFolder(folder, nameOf(folder), members, needs.sort()));
    byCluster.set(cluster, entry);
  }
  return [...byCluster].flatMap(([cluster, { engine, folders }]) => {
    const made =
      engine === 'argocd'
        ? argocdObjects(cluster, repository, folders)
        : fluxObjects(cluster, repository, folders);
    return made.map((object) => ({ object, folder: `${cluster}/${engine}`, construct: cluster, engine }));
  });
}

function clusterOf(folder: string): string {
  return folder.slice(0, folder.indexOf('/'));
}

function nameOf(folder: string): string {
  const [, first = PLATFORM, workspace] = folder.split('/');
  return workspace === undefined ? first : nodeGroupName(first, workspace);
}
