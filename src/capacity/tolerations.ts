import type { Toleration } from 'kubernetes-types/core/v1';
import type { NodeDecision } from '../workload/decision';

/** Taint of GPU nodes that Slipway has made: keeps other pods off; KAITO's and AKS' custom. */
export const GPU_TAINT = { key: 'sku', value: 'gpu', effect: 'NoSchedule' } as const;

/** Tolerations of GPU pods: our taint, the one that GKE and others set, and the one of spot nodes where asked for. */
export function gpuTolerations({ workspace, cluster }: NodeDecision): Toleration[] {
  const { capacityType, partition } = workspace.resource;
  const tolerations: Toleration[] = [
    { key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' },
    { key: GPU_TAINT.key, operator: 'Equal', value: GPU_TAINT.value, effect: GPU_TAINT.effect },
  ];
  if (capacityType !== 'on-demand' && cluster.cloud === 'azure') {
    tolerations.push({
      key: 'kubernetes.azure.com/scalesetpriority',
      operator: 'Equal',
      value: 'spot',
      effect: 'NoSchedule',
    });
  }
  if (capacityType !== 'on-demand' && cluster.cloud === 'gcp') {
    tolerations.push({
      key: 'cloud.google.com/gke-spot',
      operator: 'Equal',
      value: 'true',
      effect: 'NoSchedule',
    });
  }
  if (partition?.mode === 'mig' && partition.profile !== undefined) {
    tolerations.push({
      key: `nvidia.com/mig-${partition.profile}`,
      operator: 'Exists',
      effect: 'NoSchedule',
    });
  }
  return tolerations;
}
