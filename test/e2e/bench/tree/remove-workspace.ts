import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse, stringify } from 'yaml';
import { nodeGroupOf } from './fleet';
import type { AppliedFolder, RenderedCluster } from './rendered-tree';

/**
 * Take a Workspace out of a rendered tree as a new synthesis without it would: its folder, its nodes in the platform
 * folder, and the engine's object for it.
 */
export function removeWorkspace(
  repository: string,
  cluster: RenderedCluster,
  workspace: AppliedFolder,
): void {
  const group = nodeGroupOf(workspace);
  const isItsOwn = (file: string): boolean => file.includes(group);
  const others = [...cluster.folders, ...Object.values(cluster.engines)].filter(
    ({ path }) => path !== workspace.path,
  );
  for (const { path } of others) removeFiles(join(repository, path), isItsOwn);
  rmSync(join(repository, workspace.path), { recursive: true });
}

function removeFiles(folder: string, isRemoved: (file: string) => boolean): void {
  const file = join(folder, 'kustomization.yaml');
  const content = parse(readFileSync(file, 'utf8')) as { readonly resources: readonly string[] };
  const removed = content.resources.filter((resource) => isRemoved(basename(resource)));
  for (const resource of removed) rmSync(join(folder, resource));
  writeFileSync(
    file,
    stringify({ ...content, resources: content.resources.filter((resource) => !removed.includes(resource)) }),
  );
}
