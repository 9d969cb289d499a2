import type { KubernetesObject } from '../object';
import type { PlacedObject } from '../tree';

/** Where Argo CD or Flux finds the rendered tree. */
export interface Repository {
  /** URL of the Git repository: https or ssh. */
  readonly url: string;
  readonly branch: string;
  /** Folder of the rendered tree in the repository. */
  readonly path: string;
  /** `folders`: all clusters on `branch`; `branches`: each on a branch of its own, which `slipway publish` writes. */
  readonly layout: 'folders' | 'branches';
}

/** Prefix of the branches of clusters in the layout `branches`. */
export const BRANCH_PREFIX = 'environments/';

/** Branch and path where an engine finds `folder`, which is below `cluster`. */
export function whereIs(repository: Repository, cluster: string, folder: string): { branch: string; path: string } {
  if (repository.layout === 'folders') return { branch: repository.branch, path: `${repository.path}/${folder}` };
  return { branch: `${BRANCH_PREFIX}${cluster}`, path: folder.slice(cluster.length + 1) };
}

/** One folder that an engine applies as a whole. */
export interface AppliedFolder {
  /** Below the root of the tree, such as `prod/chat/assistant`. */
  readonly folder: string;
  /** What it is called in its cluster: `platform`, or the node group's name of its Workspace. */
  readonly name: string;
  readonly namespaces: readonly string[];
  readonly kinds: readonly AppliedKind[];
  /** How long its slowest object may take to become ready, in seconds. */
  readonly readySeconds: number;
}

/** A kind of object in a folder. */
export interface AppliedKind {
  /** Empty for the core group. */
  readonly group: string;
  readonly kind: string;
  readonly isNamespaced: boolean;
}

/** Time for objects that say nothing of their own, in seconds: five minutes, Flux's usual timeout. */
const DEFAULT_READY_SECONDS = 300;

/** The folder with the objects of `objects`, which all belong to it. */
export function appliedFolder(folder: string, name: string, objects: readonly PlacedObject[]): AppliedFolder {
  const kinds = new Map<string, AppliedKind>();
  const namespaces = new Set<string>();
  let readySeconds = DEFAULT_READY_SECONDS;
  for (const { object } of objects) {
    const kind = kindOf(object);
    kinds.set(`${kind.group}/${kind.kind}`, kind);
    if (object.metadata.namespace !== undefined) namespaces.add(object.metadata.namespace);
    readySeconds = Math.max(readySeconds, deadlineOf(object));
  }
  return {
    folder,
    name,
    namespaces: [...namespaces].sort(),
    kinds: [...kinds].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, kind]) => kind),
    readySeconds,
  };
}

function kindOf({ apiVersion, kind, metadata }: KubernetesObject): AppliedKind {
  const slash = apiVersion.indexOf('/');
  return { group: slash < 0 ? '' : apiVersion.slice(0, slash), kind, isNamespaced: metadata.namespace !== undefined };
}

/** What an object says of the time it may take: its own deadline, or that of its pods' startup probes. */
function deadlineOf(object: KubernetesObject): number {
  const spec = object['spec'] as WorkloadSpec | undefined;
  if (spec === undefined) return 0;
  const probes = (spec.template?.spec?.containers ?? []).map(({ startupProbe }) =>
    startupProbe === undefined ? 0 : (startupProbe.periodSeconds ?? 10) * (startupProbe.failureThreshold ?? 3),
  );
  return Math.max(spec.progressDeadlineSeconds ?? 0, spec.activeDeadlineSeconds ?? 0, ...probes);
}

interface WorkloadSpec {
  readonly progressDeadlineSeconds?: number;
  readonly activeDeadlineSeconds?: number;
  readonly template?: {
    readonly spec?: {
      readonly containers?: readonly {
        readonly startupProbe?: { readonly periodSeconds?: number; readonly failureThreshold?: number };
      }[];
    };
  };
}
