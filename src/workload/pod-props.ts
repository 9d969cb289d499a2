import type { Container } from 'kubernetes-types/core/v1';
import type { PodProps } from '../spec/workspace';
import type { ClusterSpec, WorkspaceSpec } from '../spec/normal';

/** What the user adds to the pods of this Workspace: the cluster's defaults first, the Workspace's own wins. */
export function podPropsOf({
  cluster,
  workspace,
}: {
  readonly cluster: Pick<ClusterSpec, 'defaults' | 'imagePullSecrets'>;
  readonly workspace: Pick<WorkspaceSpec, 'pod'>;
}): PodProps {
  const base = cluster.defaults.pod;
  const own = workspace.pod;
  return {
    ...base,
    ...own,
    labels: { ...base.labels, ...own.labels },
    annotations: { ...base.annotations, ...own.annotations },
    nodeSelector: { ...base.nodeSelector, ...own.nodeSelector },
    tolerations: distinct([...(base.tolerations ?? []), ...(own.tolerations ?? [])]),
    topologySpreadConstraints: distinct([
      ...(base.topologySpreadConstraints ?? []),
      ...(own.topologySpreadConstraints ?? []),
    ]),
    imagePullSecrets: distinct([
      ...cluster.imagePullSecrets,
      ...(base.imagePullSecrets ?? []),
      ...(own.imagePullSecrets ?? []),
    ]),
    env: lastByName([...(base.env ?? []), ...(own.env ?? [])], (variable) => variable.name),
    volumes: lastByName([...(base.volumes ?? []), ...(own.volumes ?? [])], (volume) => volume.name),
    volumeMounts: lastByName(
      [...(base.volumeMounts ?? []), ...(own.volumeMounts ?? [])],
      (mount) => mount.mountPath,
    ),
    initContainers: containers(base.initContainers, own.initContainers),
    sidecars: containers(base.sidecars, own.sidecars),
    hostAliases: distinct([...(base.hostAliases ?? []), ...(own.hostAliases ?? [])]),
  };
}

function containers(base: readonly Container[] = [], own: readonly Container[] = []): Container[] {
  return lastByName([...base, ...own], ({ name }) => name);
}

/** `items` in their order, each value once. */
export function distinct<T>(items: readonly T[]): T[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
}

/** `items` in the order of first appearance; of several with one name, the last. */
export function lastByName<T>(items: readonly T[], nameOf: (item: T) => string): T[] {
  return [...new Map(items.map((item) => [nameOf(item), item])).values()];
}
