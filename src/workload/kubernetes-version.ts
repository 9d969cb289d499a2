import type { ClusterSpec } from '../spec/normal';

/** True when `cluster` runs Kubernetes 1.`minor` or later; the schema of Clusters takes `1.<minor>` alone. */
export function isKubernetesAtLeast({ kubernetesVersion }: ClusterSpec, minor: number): boolean {
  const [, given = 0] = kubernetesVersion.split('.').map(Number);
  return given >= minor;
}
