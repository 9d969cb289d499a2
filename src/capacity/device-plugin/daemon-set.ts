import type { DaemonSet } from 'kubernetes-types/apps/v1';
import type { Construct } from 'constructs';
import type { ClusterSpec } from '../../spec/normal';
import { LABELS } from '../../workload/decision';
import { addObject } from '../../workload/object';
import { allGpuTolerations } from '../tolerations';
import { PROVISIONING_WAVE } from '../waves';

/** The version that KAITO v0.12 installs. */
const IMAGE = 'nvcr.io/nvidia/k8s-device-plugin:v0.18.2';
const NAME = 'nvidia-device-plugin';
/** It talks to the kubelet through a folder of the node, which only system namespaces may do. */
const NAMESPACE = 'kube-system';
/** Where the kubelet listens for device plugins. */
const SOCKETS = '/var/lib/kubelet/device-plugins';

/** Make NVIDIA's device plugin on the nodes that Slipway has made, and on no others. */
export function addDevicePlugin(scope: Construct, cluster: ClusterSpec): void {
  const selector = { 'app.kubernetes.io/name': NAME };
  const labels = { ...cluster.defaults.labels, ...selector, [LABELS.managedBy]: 'slipway' };
  const { imagePullSecrets } = cluster;
  const daemonSet = {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: {
      name: NAME,
      namespace: NAMESPACE,
      labels,
      ...(cluster.gitOps === 'argocd' && { annotations: { ...PROVISIONING_WAVE } }),
    },
    spec: {
      revisionHistoryLimit: 3,
      selector: { matchLabels: selector },
      updateStrategy: { type: 'RollingUpdate' },
      template: {
        metadata: { labels },
        spec: {
          priorityClassName: 'system-node-critical',
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          affinity: {
            nodeAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: {
                nodeSelectorTerms: [{ matchExpressions: [{ key: LABELS.nodeGroup, operator: 'Exists' }] }],
              },
            },
          },
          tolerations: allGpuTolerations(cluster.cloud),
          ...(imagePullSecrets.length > 0 && {
            imagePullSecrets: imagePullSecrets.map((name) => ({ name })),
          }),
          containers: [
            {
              name: NAME,
              image: IMAGE,
              // A node whose driver is not there yet is tried again, not given up.
              env: [{ name: 'FAIL_ON_INIT_ERROR', value: 'false' }],
              resources: { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '256Mi' } },
              securityContext: {
                allowPrivilegeEscalation: false,
                capabilities: { drop: ['ALL'] },
                readOnlyRootFilesystem: true,
                seccompProfile: { type: 'RuntimeDefault' },
              },
              volumeMounts: [{ name: 'kubelet-sockets', mountPath: SOCKETS }],
            },
          ],
          volumes: [{ name: 'kubelet-sockets', hostPath: { path: SOCKETS, type: 'Directory' } }],
        },
      },
    },
  } satisfies DaemonSet;
  addObject(scope, daemonSet);
}
