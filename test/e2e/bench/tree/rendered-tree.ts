import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import type { Manifest } from '../cluster/manifest';

/** Folder of the rendered tree in a Git repository. */
export const TREE_FOLDER = 'gitops';

/** Who applies a rendered tree. */
export type Engine = 'argocd' | 'flux';

/** A folder that is applied as a whole: it has a `kustomization.yaml`. */
export interface AppliedFolder {
  /** Path in the repository, such as `gitops/prod/team-a/chat`. */
  readonly path: string;
  readonly objects: readonly Manifest[];
}

/** Everything that is rendered for one cluster. */
export interface RenderedCluster {
  readonly name: string;
  /** What belongs to the cluster and its Workspaces, in the order of their paths. */
  readonly folders: readonly AppliedFolder[];
  /** The engines' own objects. */
  readonly engines: Readonly<Partial<Record<Engine, AppliedFolder>>>;
}

const KUSTOMIZATION = 'kustomization.yaml';
const ENGINES: readonly Engine[] = ['argocd', 'flux'];

/**
 * Read the rendered tree of a repository.
 *
 * @throws when a kustomization.yaml names a file that is not there.
 */
export function readRenderedTree(repository: string): readonly RenderedCluster[] {
  return subfolders(join(repository, TREE_FOLDER)).map((name) => readRenderedCluster(repository, name));
}

/**
 * Read what is rendered for one cluster.
 *
 * @throws when nothing is, or a kustomization.yaml names a file that is not there.
 */
export function readRenderedCluster(repository: string, name: string): RenderedCluster {
  const path = `${TREE_FOLDER}/${name}`;
  if (!existsSync(join(repository, path))) throw new Error(`nothing is rendered for cluster ${name}`);
  const own = ENGINES.filter((engine) => existsSync(join(repository, path, engine, KUSTOMIZATION)));
  return {
    name,
    folders: subfolders(join(repository, path))
      .filter((folder) => !(ENGINES as readonly string[]).includes(folder))
      .flatMap((folder) => appliedFolders(repository, `${path}/${folder}`)),
    engines: Object.fromEntries(
      own.map((engine) => [engine, appliedFolder(repository, `${path}/${engine}`)]),
    ),
  };
}

function appliedFolders(repository: string, path: string): readonly AppliedFolder[] {
  const own = existsSync(join(repository, path, KUSTOMIZATION)) ? [appliedFolder(repository, path)] : [];
  const below = subfolders(join(repository, path)).flatMap((name) =>
    appliedFolders(repository, `${path}/${name}`),
  );
  return [...own, ...below];
}

function appliedFolder(repository: string, path: string): AppliedFolder {
  const folder = join(repository, path);
  const { resources } = parse(readFileSync(join(folder, KUSTOMIZATION), 'utf8')) as {
    resources?: readonly string[];
  };
  const objects = (resources ?? []).flatMap((file) =>
    parseAllDocuments(readFileSync(join(folder, file), 'utf8')).map(
      (document) => document.toJS() as Manifest,
    ),
  );
  return { path, objects };
}

function subfolders(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => entry.name)
    .sort();
}
