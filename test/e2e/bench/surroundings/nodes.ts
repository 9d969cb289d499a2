import type { Manifest } from '../cluster/manifest';

/** A node without GPUs, for what is not ours to place. */
export const SYSTEM_NODE = 'system';
/** A GPU node of somebody else: free, without a taint, and without our labels. No pod of ours may land on it. */
export const FOREIGN_NODE = 'foreign';

/** The nodes that a cluster has before Slipway's. */
export const nodes: readonly Manifest[] = [
  // The label is that of AKS' system pools, which our own Job there selects by.
  node(SYSTEM_NODE, { cpu: '64', memory: '256Gi' }, { 'kubernetes.azure.com/mode': 'system' }),
  // The label is that of NVIDIA's feature discovery, by which our Jobs without GPUs keep off.
  node(
    FOREIGN_NODE,
    { cpu: '96', memory: '900Gi', 'nvidia.com/gpu': '8' },
    { 'nvidia.com/gpu.present': 'true' },
  ),
];

/** A node that kwok keeps alive. */
export function node(
  name: string,
  resources: Readonly<Record<string, string>>,
  labels: Readonly<Record<string, string>> = {},
): Manifest {
  const capacity = { 'ephemeral-storage': '8Ti', pods: '250', ...resources };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        ...labels,
      },
    },
    status: { capacity, allocatable: capacity },
  };
}
