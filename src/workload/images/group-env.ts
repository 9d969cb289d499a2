import type { EnvVar } from 'kubernetes-types/core/v1';

/** Name of the variable with the pod's place in its group. */
export const POD_INDEX = 'POD_INDEX';

/** Label of every StatefulSet pod with its index (Kubernetes 1.28 and later). */
export const POD_INDEX_LABEL = 'apps.kubernetes.io/pod-index';

/** Variables of every pod of a group: its index, and the address that its engine announces. */
export function groupEnv(): EnvVar[] {
  return [
    { name: POD_INDEX, valueFrom: { fieldRef: { fieldPath: `metadata.labels['${POD_INDEX_LABEL}']` } } },
    { name: 'VLLM_HOST_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
  ];
}
