import type { Construct } from 'constructs';
import type { ClusterSpec } from '../../spec/normal';
import type { Problem } from '../../spec/problem';
import { hasNoDriver } from './driver';
import { addDevicePlugin } from './daemon-set';
import { addGpuOperator } from './gpu-operator';

/** Namespaces of the engines themselves, where the objects that install a chart lie. */
export { ENGINE_NAMESPACES } from './gpu-operator';

/** Make what offers the GPUs of nodes to their kubelets, unless it is there already. */
export function synthesizeDevicePlugin(scope: Construct, cluster: ClusterSpec): void {
  if (cluster.devicePlugin === 'slipway') addDevicePlugin(scope, cluster);
  if (cluster.devicePlugin === 'gpuOperator' && cluster.gpuOperatorVersion !== undefined) {
    addGpuOperator(scope, cluster, cluster.gpuOperatorVersion);
  }
}

/**
 * Clusters whose nodes have a device plugin of their own (two on one node fight for the same socket of the kubelet), and
 * those whose nodes would have one and no driver.
 */
export function checkDevicePlugin(cluster: ClusterSpec): Problem[] {
  if (cluster.devicePlugin === undefined || cluster.devicePlugin === 'cluster') return [];
  if (cluster.devicePlugin === 'slipway' && hasNoDriver(cluster.nodeProvisioning))
    return [withoutDriver(cluster)];
  const why = ownPlugin(cluster);
  if (why === null) return [];
  return [
    {
      severity: 'error',
      code: 'second-device-plugin',
      ...cluster.at('devicePlugin'),
      message: `${cluster.devicePlugin} would be a second device plugin: ${why}`,
      allowed: 'cluster',
      next: 'leave devicePlugin out',
    },
  ];
}

function withoutDriver(cluster: ClusterSpec): Problem {
  const field = 'nodeProvisioning.pools.gpuDriver';
  return {
    severity: 'error',
    code: 'no-gpu-driver',
    ...cluster.at(field),
    message: 'None leaves the nodes without a driver, and the device plugin alone brings none',
    next: 'leave gpuDriver out, or let the GPU Operator bring driver and device plugin (devicePlugin: gpuOperator)',
  };
}

function ownPlugin({ cloud, nodeProvisioning }: ClusterSpec): string | null {
  if (nodeProvisioning.kind === 'ownNodes') {
    return 'own nodes are chosen by the label nvidia.com/gpu.product, which comes with their GPU Operator';
  }
  if (cloud === 'gcp') return 'GKE installs its own on every GPU node';
  const alias = nodeProvisioning.kind === 'karpenter' ? (nodeProvisioning.aws?.amiAlias ?? '') : '';
  return alias.startsWith('bottlerocket') ? "Bottlerocket's NVIDIA images have one built in" : null;
}
