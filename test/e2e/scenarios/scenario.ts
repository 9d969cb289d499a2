import type { Bench } from '../bench/bench';
import type { InstanceType } from '../bench/control-plane/instance-types';
import type { Delivery } from '../bench/delivery/delivery';
import type { GitRepository } from '../bench/delivery/git-repository';
import { describe, refOf, type Manifest } from '../bench/cluster/manifest';
import { editObject } from '../bench/tree/edit';
import { nodeGroupsOf, objectsOf, workloadsOf, type NodeGroup, type Workload } from '../bench/tree/fleet';
import {
  readRenderedCluster,
  TREE_FOLDER,
  type AppliedFolder,
  type Engine,
  type RenderedCluster,
} from '../bench/tree/rendered-tree';
import type { ServingNodes } from '../checks/serving-nodes';
import type { Runner } from '../runner';

/** What a scenario works with: a control plane, and one cluster of a rendered tree in a Git repository. */
export interface Scenario {
  readonly bench: Bench;
  readonly runner: Runner;
  readonly repository: GitRepository;
  readonly delivery: Delivery;
  /** Name of the cluster in the rendered tree. */
  readonly clusterName: string;
  readonly engine: Engine;
  /** The nodes that serve, once all is up. */
  readonly servingNodes: ServingNodes;
  /** What Karpenter can buy. */
  readonly instanceTypes: readonly InstanceType[];
}

/** What the repository renders for the scenario's cluster now. */
export function renderedNow({ repository, clusterName }: Scenario): RenderedCluster {
  return readRenderedCluster(repository.folder, clusterName);
}

/** Commit what was edited and tell the engine. Returns the commit. */
export async function deliver({ repository, delivery }: Scenario, message: string): Promise<string> {
  const revision = await repository.commit(message);
  await delivery.announce(revision);
  return revision;
}

/** Undo the last commit and tell the engine. Returns the new commit. */
export async function revert({ repository, delivery }: Scenario): Promise<string> {
  const revision = await repository.revert();
  await delivery.announce(revision);
  return revision;
}

/** A node group that serves with a Deployment, preferably one with machine types to fall back on. */
export function servingDeployment(scenario: Scenario): { group: NodeGroup; deployment: Workload } {
  const candidates = nodeGroupsOf(objectsOf(renderedNow(scenario)))
    .filter(({ workloads }) => workloads.length > 0 && workloads.every(({ kind }) => kind === 'Deployment'))
    .sort((a, b) => b.machineTypes.length - a.machineTypes.length);
  const [group] = candidates;
  const [deployment] = group?.workloads ?? [];
  if (group === undefined || deployment === undefined)
    throw new Error(`no Deployment in ${scenario.clusterName}`);
  return { group, deployment };
}

/** The folders of Workspaces that run something: `<cluster>/<namespace>/<workspace>`. */
export function workspacesOf({ folders, name }: RenderedCluster): readonly AppliedFolder[] {
  const depth = `${TREE_FOLDER}/${name}/namespace/workspace`.split('/').length;
  return folders.filter(
    ({ path, objects }) => path.split('/').length === depth && workloadsOf(objects).length > 0,
  );
}

/** The folder that holds an object. */
export function folderOf(folders: readonly AppliedFolder[], object: Manifest): AppliedFolder {
  const name = describe(refOf(object));
  const folder = folders.find(({ objects }) =>
    objects.some((candidate) => describe(refOf(candidate)) === name),
  );
  if (folder === undefined) throw new Error(`no folder holds ${name}`);
  return folder;
}

/** Change one field of a rendered object in the repository's work tree. */
export function edit(
  { repository }: Scenario,
  folder: AppliedFolder,
  object: Manifest,
  path: readonly string[],
  value: unknown,
): void {
  editObject(repository.folder, folder, refOf(object), (document) => {
    document.setIn(path, value);
  });
}
