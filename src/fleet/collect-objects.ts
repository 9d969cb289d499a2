import { ApiObject } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { PLATFORM } from '../gitops/engines';
import { isKubernetesObject } from '../gitops/object';
import type { PlacedObject } from '../gitops/tree';
import type { Problem } from '../spec/problem';

/** Where the objects of a construct belong in the tree. */
export interface Layout {
  /** Name of the cluster. */
  readonly cluster: string;
  /** Who applies it. */
  readonly engine: 'argocd' | 'flux';
  /** Name of the Workspace, or of what several in its namespace share. @default none: it belongs to the whole cluster */
  readonly workspace?: string;
}

/** The objects below a construct, and what is wrong with them. */
interface CollectedObjects {
  readonly objects: PlacedObject[];
  readonly problems: Problem[];
}

/**
 * All objects below `root`, each with its folder, in one walk. An object belongs where the nearest construct above it that
 * `layouts` knows does.
 */
export function collectObjects(root: IConstruct, layouts: ReadonlyMap<IConstruct, Layout>): CollectedObjects {
  const objects: PlacedObject[] = [];
  const problems: Problem[] = [];
  const visit = (construct: IConstruct, inherited: Layout | undefined): void => {
    const layout = layouts.get(construct) ?? inherited;
    const { path } = construct.node;
    for (const message of construct.node.validate())
      problems.push(problemOf(path, 'construct-validation', message));
    if (construct instanceof ApiObject) {
      const placed = place(construct, layout);
      if ('code' in placed) problems.push(placed);
      else objects.push(placed);
    }
    for (const child of construct.node.children) visit(child, layout);
  };
  visit(root, undefined);
  return { objects, problems };
}

function place(apiObject: ApiObject, layout: Layout | undefined): PlacedObject | Problem {
  const object: unknown = apiObject.toJson();
  const { path } = apiObject.node;
  if (!isKubernetesObject(object) || layout === undefined) {
    const message = layout === undefined ? 'it is in no Cluster' : 'it is no Kubernetes object with a name';
    return {
      ...problemOf(path, 'misplaced-object', message),
      next: 'create it with a Cluster or a Workspace as its scope',
    };
  }
  return {
    object,
    folder: folderOf(layout, object.metadata.namespace),
    construct: path,
    engine: layout.engine,
  };
}

function problemOf(construct: string, code: string, message: string): Problem {
  return { severity: 'error', code, position: { construct }, field: '', message };
}

/** `<cluster>/<namespace>/<workspace>` for what a Workspace has in its namespace, `<cluster>/platform` for all else. */
function folderOf(layout: Layout, namespace: string | undefined): string {
  if (layout.workspace === undefined || namespace === undefined) return `${layout.cluster}/${PLATFORM}`;
  return `${layout.cluster}/${namespace}/${layout.workspace}`;
}
