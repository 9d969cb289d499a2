import type { Container, PodSpec, PodTemplateSpec, Volume } from 'kubernetes-types/core/v1';
import type { ClusterSpec } from '../../../spec/normal';
import { LABELS } from '../../decision';
import { egressOf } from '../../egress';
import { SLIPWAY_USER } from '../../images/slipway/user';
import { completed, nameLookup, secured } from '../../pod';
import { lastByName, podPropsOf } from '../../pod-props';
import { podSecurityContext } from '../../security';

/** Labels of nodes with GPUs: of NVIDIA's feature discovery, the clouds, Karpenter on AWS, and our own. */
const GPU_NODE_LABELS = [
  'cloud.google.com/gke-accelerator',
  'karpenter.k8s.aws/instance-gpu-count',
  'kubernetes.azure.com/accelerator',
  'nvidia.com/gpu.present',
  LABELS.nodeGroup,
];

/** Rather not on a GPU node: one without a taint has the most CPU to spare, and the scheduler would take it. */
const BESIDE_GPUS: NonNullable<PodSpec['affinity']> = {
  nodeAffinity: {
    preferredDuringSchedulingIgnoredDuringExecution: [
      {
        weight: 100,
        preference: {
          matchExpressions: GPU_NODE_LABELS.map((key) => ({ key, operator: 'DoesNotExist' })),
        },
      },
    ],
  },
};

/**
 * A pod that has to do with shared weights and needs no GPU, so that it runs on any node that lets it. What the cluster
 * gives to every pod it has, too; what belongs to one Workspace has no part in what several share.
 */
export function sharedPod(
  cluster: ClusterSpec,
  labels: Readonly<Record<string, string>>,
  container: Container,
  volumes: readonly Volume[],
): PodTemplateSpec {
  const pod = podPropsOf({ cluster, workspace: { pod: {} } });
  const egress = egressOf({ cluster });
  const { nodeSelector = {}, tolerations = [], imagePullSecrets = [], initContainers = [] } = pod;
  return {
    metadata: { labels: { ...pod.labels, ...labels } },
    spec: {
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      restartPolicy: 'Never',
      securityContext: podSecurityContext(SLIPWAY_USER),
      affinity: pod.affinity ?? BESIDE_GPUS,
      ...(Object.keys(nodeSelector).length > 0 && { nodeSelector: { ...nodeSelector } }),
      ...(tolerations.length > 0 && { tolerations: [...tolerations] }),
      ...(imagePullSecrets.length > 0 && { imagePullSecrets: imagePullSecrets.map((name) => ({ name })) }),
      ...nameLookup(pod),
      ...(initContainers.length > 0 && {
        initContainers: initContainers.map((each) => completed(secured(each), pod, egress)),
      }),
      containers: [completed(container, pod, egress)],
      volumes: lastByName([...volumes, ...egress.volumes, ...(pod.volumes ?? [])], ({ name }) => name),
    },
  };
}
