import type { Toleration } from 'kubernetes-types/core/v1';
import type { Cloud } from '../spec/cluster';
import type { NodeDecision } from '../workload/decision';

/** Taint of GPU nodes that Slipway has made: keeps other pods off; KAITO's and AKS' custom. */
export const GPU_TAINT = { key: 'sku', value: 'gpu', effect: 'NoSchedule' } as const;

const ON_DEMAND: readonly Toleration[] = [
  { key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' },
  { key: GPU_TAINT.key, operator: 'Equal', value: GPU_TAINT.value, effect: GPU_TAINT.effect },
];

/** Taints that clouds put on spot nodes by themselves. */
const SPOT: Readonly<Partial<Record<Cloud, Toleration>>> = {
  azure: {
    key: 'kubernetes.azure.com/scalesetpriority',
    operator: 'Equal',
    value: 'spot',
    effect: 'NoSchedule',
  },
  gcp: { key: 'cloud.google.com/gke-spot', operator: 'Equal', value: 'true', effect: 'NoSchedule' },
};

/** Tolerations of what runs on every GPU node, spot ones included. */
export function allGpuTolerations(cloud: Cloud): Toleration[] {
  const spot = SPOT[cloud];
  return [...ON_DEMAND, ...(spot === undefined ? [] : [spot])];
}

/** Tolerations of GPU pods: our taint, the one that GKE and others set, and the one of spot nodes where asked for. */
export function gpuTolerations({ workspace, cluster }: NodeDecision): Toleration[] {
  const { capacityType, partition } = workspace.resource;
  const tolerations = capacityType === 'on-demand' ? [...ON_DEMAND] : allGpuTolerations(cluster.cloud);
  if (partition?.mode === 'mig') {
    tolerations.push({
      key: `nvidia.com/mig-${partition.profile}`,
      operator: 'Exists',
      effect: 'NoSchedule',
    });
  }
  return tolerations;
}
