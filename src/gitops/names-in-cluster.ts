import type { KubernetesObject } from './object';

type Identity = Pick<KubernetesObject, 'apiVersion' | 'kind' | 'metadata'>;

/** Names in a cluster that an object has to do with. */
export interface NamesInCluster {
  /** Its own, and those of what a controller makes for it: no other object may take them. */
  readonly takes: readonly string[];
  /** Families of names that it belongs to, as others may. */
  readonly joins: readonly string[];
  /** Names and families that it cannot stand beside. */
  readonly avoids: readonly string[];
}

/**
 * Names that `object` has in `cluster`. The controller of LeaderWorkerSets makes a headless Service and a StatefulSet of
 * leaders under the set's name, and for each group a StatefulSet of its workers, `<name>-<number>`; with an autoscaler
 * nobody knows how many (sigs.k8s.io/lws).
 */
export function namesInCluster(cluster: string, object: Identity): NamesInCluster {
  const { apiVersion, kind, metadata } = object;
  const own = identityOf(cluster, object);
  if (kind === 'LeaderWorkerSet' && apiVersion.startsWith('leaderworkerset.x-k8s.io/')) {
    const service = identityOf(cluster, { apiVersion: 'v1', kind: 'Service', metadata });
    const leaders = identityOf(cluster, { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata });
    return { takes: [own, service, leaders, workersOf(leaders)], joins: [], avoids: [numberedOf(leaders)] };
  }
  const base = kind === 'StatefulSet' ? /^(.+)-[0-9]+$/.exec(own)?.[1] : undefined;
  if (base === undefined) return { takes: [own], joins: [], avoids: [] };
  return { takes: [own], joins: [numberedOf(base)], avoids: [workersOf(base)] };
}

/** What an object is in its cluster, whatever its version: cluster, group, kind, namespace and name. */
function identityOf(cluster: string, { apiVersion, kind, metadata }: Identity): string {
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  return [cluster, group, kind, metadata.namespace ?? '', metadata.name].join('/');
}

function workersOf(leaders: string): string {
  return `${leaders}-<number> of its workers`;
}

function numberedOf(base: string): string {
  return `${base}-<number>`;
}
