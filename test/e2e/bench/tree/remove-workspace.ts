import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse, stringify } from 'yaml';
import { nodeGroupOf } from './fleet';
import type { AppliedFolder, RenderedCluster } from './rendered-tree';

/**
 * Take a Workspace out of a rendered tree as a new synthesis without it would: its folder, its nodes in the platform
 * folder, and the engine's object for it. A folder that has nothing left goes, with the engine's object for it.
 */
export function removeWorkspace(
  repository: string,
  cluster: RenderedCluster,
  workspace: AppliedFolder,
): void {
  const group = nodeGroupOf(workspace);
  const engines = Object.values(cluster.engines).map(({ path }) => path);
  const platforms = cluster.folders.map(({ path }) => path).filter((path) => path !== workspace.path);
  const gone = platforms.filter(
    (path) => !removeFiles(join(repository, path), (file) => file.includes(group)),
  );
  for (const path of [workspace.path, ...gone]) rmSync(join(repository, path), { recursive: true });
  const names = [group, ...gone.map((path) => basename(path))];
  for (const path of engines) {
    const isItsOwn = (file: string): boolean =>
      names.some((name) => file.endsWith(`.${name}.yaml`) || file.endsWith(`kustomization-${name}.yaml`));
    removeFiles(join(repository, path), isItsOwn);
  }
}

/** Remove files of a folder and their lines in its kustomization.yaml. Returns whether anything is left. */
function removeFiles(folder: string, isRemoved: (file: string) => boolean): boolean {
  const file = join(folder, 'kustomization.yaml');
  const content = parse(readFileSync(file, 'utf8')) as { readonly resources: readonly string[] };
  const removed = content.resources.filter((resource) => isRemoved(basename(resource)));
  for (const resource of removed) rmSync(join(folder, resource));
  const resources = content.resources.filter((resource) => !removed.includes(resource));
  writeFileSync(file, stringify({ ...content, resources }));
  return resources.length > 0;
}
