import type { KubernetesObject } from '../object';
import { HEALTH_RULES } from '../health';
import type { Repository } from '../repository';
import { whereIs, type AppliedFolder } from './folder';

const NAMESPACE = 'flux-system';
/** Folder of these objects below the cluster's. */
const ENGINE_FOLDER = 'flux';
/** Name of the source; all folders of a cluster share it, so that dependencies see one revision. */
const SOURCE = 'slipway';
/** Node provisioning and image pulls come before what an object's own deadline counts. */
const MARGIN_SECONDS = 900;

/** What Flux needs for one cluster: the source, and a Kustomization for each folder; workloads wait for the platform. */
export function fluxObjects(
  cluster: string,
  repository: Repository,
  folders: readonly AppliedFolder[],
): KubernetesObject[] {
  return [
    source(repository, cluster),
    root(cluster, repository),
    ...folders.map((folder) => kustomization(repository, cluster, folder, dependenciesOf(folder, folders))),
  ];
}

/** The Kustomization that is installed once, by hand: it applies this folder, itself included. */
function root(cluster: string, repository: Repository): KubernetesObject {
  return {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name: SOURCE, namespace: NAMESPACE },
    spec: {
      sourceRef: sourceRef(repository),
      path: `./${whereIs(repository, cluster, `${cluster}/${ENGINE_FOLDER}`).path}`,
      interval: '1h0m0s',
      retryInterval: '2m0s',
      prune: true,
    },
  };
}

/** A Git repository, or an OCI artifact; the Secret with its credential, if it needs one, is the platform team's. */
function source(repository: Repository, cluster: string): KubernetesObject {
  const { revision } = whereIs(repository, cluster, cluster);
  return {
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind: sourceRef(repository).kind,
    metadata: { name: SOURCE, namespace: NAMESPACE },
    spec: {
      url: repository.url,
      ref: repository.kind === 'git' ? { branch: revision } : { tag: revision },
      ...(repository.secretName === undefined ? {} : { secretRef: { name: repository.secretName } }),
      interval: '5m0s',
    },
  };
}

function sourceRef({ kind }: Repository): { readonly kind: string; readonly name: string } {
  return { kind: kind === 'git' ? 'GitRepository' : 'OCIRepository', name: SOURCE };
}

function kustomization(
  repository: Repository,
  cluster: string,
  folder: AppliedFolder,
  dependencies: readonly AppliedFolder[],
): KubernetesObject {
  const rules = HEALTH_RULES.flatMap(({ group, apiVersion, kind, cel }) =>
    cel !== null && folder.kinds.some((applied) => applied.group === group && applied.kind === kind)
      ? [{ apiVersion, kind, ...cel }]
      : [],
  );
  return {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name: folder.name, namespace: NAMESPACE },
    spec: {
      sourceRef: sourceRef(repository),
      path: `./${whereIs(repository, cluster, folder.folder).path}`,
      interval: '1h0m0s',
      retryInterval: '2m0s',
      timeout: duration(folder.readySeconds + MARGIN_SECONDS),
      prune: true,
      wait: true,
      ...(dependencies.length === 0 ? {} : { dependsOn: dependencies.map(({ name }) => ({ name })) }),
      ...(folder.encrypted === undefined
        ? {}
        : { decryption: { provider: 'sops', secretRef: { name: folder.encrypted.keySecret } } }),
      ...(rules.length === 0 ? {} : { healthCheckExprs: rules }),
    },
  };
}

/** What has to be ready first: the platform, the Secrets where the folder's namespaces have some, and volumes that its pods mount. */
function dependenciesOf(folder: AppliedFolder, folders: readonly AppliedFolder[]): readonly AppliedFolder[] {
  if (folder.name === 'platform') return [];
  return folders.filter(
    ({ name, namespaces }) =>
      name === 'platform' ||
      folder.needs.includes(name) ||
      (name === 'secrets' &&
        folder.name !== 'secrets' &&
        namespaces.some((one) => folder.namespaces.includes(one))),
  );
}

/** As Flux writes durations back: `1h5m0s`. */
function duration(seconds: number): string {
  const minutes = Math.ceil(seconds / 60);
  return minutes >= 60 ? `${Math.floor(minutes / 60)}h${minutes % 60}m0s` : `${minutes}m0s`;
}
