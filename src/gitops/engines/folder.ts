import type { KubernetesObject } from '../object';
import { podsOf } from '../pods';
import { BRANCH_PREFIX, type Repository } from '../repository';
import type { Encrypted, PlacedObject } from '../tree';

/** Revision (branch or tag) and path where an engine finds `folder`, which is below `cluster`. */
export function whereIs(
  { path, revision, layout }: Repository,
  cluster: string,
  folder: string,
): { readonly revision: string; readonly path: string } {
  if (layout === 'branches') {
    return { revision: `${BRANCH_PREFIX}${cluster}`, path: folder.slice(cluster.length + 1) };
  }
  return { revision, path: path === '' ? folder : `${path}/${folder}` };
}

/** One folder that an engine applies as a whole. */
export interface AppliedFolder {
  /** Below the root of the tree, such as `prod/chat/assistant`. */
  readonly folder: string;
  /** What it is called in its cluster: `platform`, or the node group's name of its Workspace. */
  readonly name: string;
  readonly namespaces: readonly string[];
  readonly kinds: readonly AppliedKind[];
  /** How its encrypted files are decrypted; absent where it has none. */
  readonly encrypted?: Omit<Encrypted, 'content'>;
  /** Names of the folders that make what its pods mount: weights that several Workspaces share. */
  readonly needs: readonly string[];
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
export function appliedFolder(
  folder: string,
  name: string,
  objects: readonly PlacedObject[],
  needs: readonly string[] = [],
): AppliedFolder {
  const kinds = new Map<string, AppliedKind>();
  const namespaces = new Set<string>();
  let readySeconds = DEFAULT_READY_SECONDS;
  const encrypted = objects.find((placed) => placed.encrypted !== undefined)?.encrypted;
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
    needs,
    kinds: [...kinds].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, kind]) => kind),
    ...(encrypted === undefined ? {} : { encrypted }),
    readySeconds,
  };
}

function kindOf({ apiVersion, kind, metadata }: KubernetesObject): AppliedKind {
  const slash = apiVersion.indexOf('/');
  return {
    group: slash < 0 ? '' : apiVersion.slice(0, slash),
    kind,
    isNamespaced: metadata.namespace !== undefined,
  };
}

/** What an object says of the time it may take: its own deadline, or that of its pods' startup probes. */
function deadlineOf(object: KubernetesObject): number {
  const spec = object['spec'] as WorkloadSpec | undefined;
  if (spec === undefined) return 0;
  const probes = podsOf(object)
    .flatMap(({ containers }) => containers)
    .map(({ startupProbe }) =>
      startupProbe === undefined
        ? 0
        : (startupProbe.periodSeconds ?? 10) * (startupProbe.failureThreshold ?? 3),
    );
  return Math.max(spec.progressDeadlineSeconds ?? 0, spec.activeDeadlineSeconds ?? 0, ...probes);
}

interface WorkloadSpec {
  readonly progressDeadlineSeconds?: number;
  readonly activeDeadlineSeconds?: number;
}
