import type { KubernetesObject } from '../object';
import type { Repository } from '../repository';
import { whereIs, type AppliedFolder, type AppliedKind } from './folder';
import { RENDERED_KINDS } from './rendered-kinds';

const NAMESPACE = 'argocd';
/** Folder of these objects below the cluster's. */
const ENGINE_FOLDER = 'argocd';
const API_VERSION = 'argoproj.io/v1alpha1';
/** The cluster that Argo CD itself runs in. */
const IN_CLUSTER = 'https://kubernetes.default.svc';
/** Waves of the Applications that everybody needs; those of Workspaces come after them. */
const APPLICATION_WAVES: ReadonlyMap<string, number> = new Map([
  ['platform', -20],
  ['secrets', -10],
]);
/** Deleting the Application deletes what it applied, except what asks for confirmation. */
const FINALIZER = 'resources-finalizer.argocd.argoproj.io';

/**
 * What Argo CD needs for one cluster: a project that allows the kinds that are rendered and no others, and an Application for
 * each folder. Nodes (the platform folder) and workloads are apart, so that a lack of capacity for one Workspace
 * holds nobody else up.
 */
export function argocdObjects(
  cluster: string,
  repository: Repository,
  folders: readonly AppliedFolder[],
): KubernetesObject[] {
  return [
    root(cluster, repository),
    project(cluster, repository, folders),
    ...folders.map((folder) => application(cluster, repository, folder)),
  ];
}

/** The Application that is installed once, by hand: it applies this folder, itself included. */
function root(cluster: string, repository: Repository): KubernetesObject {
  return {
    apiVersion: API_VERSION,
    kind: 'Application',
    metadata: { name: cluster, namespace: NAMESPACE },
    spec: {
      project: 'default',
      source: source(repository, cluster, `${cluster}/${ENGINE_FOLDER}`),
      destination: { server: IN_CLUSTER, namespace: NAMESPACE },
      syncPolicy: { automated: { prune: true, selfHeal: true }, syncOptions: ['ServerSideApply=true'] },
    },
  };
}

function source(repository: Repository, cluster: string, folder: string) {
  const { revision, path } = whereIs(repository, cluster, folder);
  return { repoURL: repository.url, targetRevision: revision, path };
}

/** Namespaces are not listed: see `RENDERED_KINDS` for what would become of the last Workspace of one. */
function project(
  cluster: string,
  repository: Repository,
  folders: readonly AppliedFolder[],
): KubernetesObject {
  return {
    apiVersion: API_VERSION,
    kind: 'AppProject',
    metadata: { name: cluster, namespace: NAMESPACE },
    spec: {
      description: `Workspaces of cluster ${cluster}, rendered by Slipway`,
      sourceRepos: [repository.url],
      destinations: [{ server: IN_CLUSTER, namespace: '*' }],
      clusterResourceWhitelist: whitelist(folders, false),
      namespaceResourceWhitelist: whitelist(folders, true),
    },
  };
}

/** Namespace of objects that name none. */
function destinationOf(folder: AppliedFolder): string {
  return folder.namespaces[0] ?? 'default';
}

/** What Slipway renders, and what somebody has added to it. */
function whitelist(
  folders: readonly AppliedFolder[],
  isNamespaced: boolean,
): { group: string; kind: string }[] {
  const kinds = new Map<string, AppliedKind>();
  for (const kind of [...RENDERED_KINDS, ...folders.flatMap((folder) => folder.kinds)]) {
    if (kind.isNamespaced === isNamespaced) kinds.set(`${kind.group}/${kind.kind}`, kind);
  }
  return [...kinds].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, { group, kind }]) => ({ group, kind }));
}

function application(cluster: string, repository: Repository, folder: AppliedFolder): KubernetesObject {
  return {
    apiVersion: API_VERSION,
    kind: 'Application',
    metadata: {
      name: `${cluster}.${folder.name}`,
      namespace: NAMESPACE,
      annotations: {
        'argocd.argoproj.io/sync-wave': String(APPLICATION_WAVES.get(folder.name) ?? 0),
        // A commit elsewhere in the repository does not make Argo CD render this folder again.
        'argocd.argoproj.io/manifest-generate-paths': '.',
      },
      // Deleting what belongs to the cluster leaves its nodes and Secrets where they are.
      ...(APPLICATION_WAVES.has(folder.name) ? {} : { finalizers: [FINALIZER] }),
    },
    spec: {
      project: cluster,
      source: {
        ...source(repository, cluster, folder.folder),
        ...(folder.encrypted?.argocdPlugin === undefined
          ? {}
          : { plugin: { name: folder.encrypted.argocdPlugin } }),
      },
      destination: { server: IN_CLUSTER, namespace: destinationOf(folder) },
      syncPolicy: {
        automated: { prune: true, selfHeal: true },
        syncOptions: ['ServerSideApply=true', 'FailOnSharedResource=true', 'PruneLast=true'],
        // Argo CD applies all Applications at once and waits for none: the first attempt at a Workspace in a new namespace comes
        // before the namespace, and the next one ten seconds later. What takes longer is retried for fifty minutes.
        retry: { limit: 10, refresh: true, backoff: { duration: '5s', factor: 2, maxDuration: '10m' } },
      },
    },
  };
}
