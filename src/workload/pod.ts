import type { Container, PodSpec, PodTemplateSpec, Toleration } from 'kubernetes-types/core/v1';
import type { PodProps } from '../spec/workspace';
import type { NodeDecision } from './decision';
import { type Egress, egressOf } from './egress';
import { labelsOf, withoutReserved } from './metadata';
import { distinct, lastByName, podPropsOf } from './pod-props';
import type { PodScheduling } from './scheduling';
import { containerSecurityContext, podSecurityContext } from './security';
import { spreadConstraints } from './spread';
import type { ServerParts } from './server-parts';
import { withoutEmptyLists } from './without-empty-lists';

/** Longer than the server's drain of 45 seconds. */
const GRACE_SECONDS = 60;

/** The pod of a model: `parts`, with what user, cluster and capacity add to every container and to the pod. */
export function podTemplate(
  decision: NodeDecision,
  scheduling: PodScheduling,
  parts: ServerParts,
  labels: Readonly<Record<string, string>> = {},
): PodTemplateSpec {
  const pod = podPropsOf(decision);
  const egress = egressOf(decision);
  const { first, beside } = containersOfUser(decision);
  const initContainers = [...first, ...parts.initContainers];
  const containers = [...parts.containers, ...beside];
  const pullSecrets = distinct([...(pod.imagePullSecrets ?? []), ...parts.imagePullSecrets]);
  return {
    metadata: podMetadata(decision, pod, labels),
    spec: {
      automountServiceAccountToken: false,
      // A Service called "vllm" would otherwise set VLLM_PORT for the server.
      enableServiceLinks: false,
      securityContext: podSecurityContext(parts.user),
      terminationGracePeriodSeconds: pod.terminationGracePeriodSeconds ?? GRACE_SECONDS,
      ...placementOf(decision, pod, scheduling),
      ...(pod.priorityClassName !== undefined && { priorityClassName: pod.priorityClassName }),
      ...(pod.runtimeClassName !== undefined && { runtimeClassName: pod.runtimeClassName }),
      ...(pod.serviceAccountName !== undefined && { serviceAccountName: pod.serviceAccountName }),
      ...(pullSecrets.length > 0 && { imagePullSecrets: pullSecrets.map((name) => ({ name })) }),
      ...nameLookup(pod),
      ...(initContainers.length > 0 && {
        initContainers: initContainers.map((container) => completed(container, pod, egress)),
      }),
      containers: containers.map((container) => completed(container, pod, egress)),
      volumes: lastByName(
        [...parts.volumes, ...egress.volumes, ...(pod.volumes ?? [])],
        (volume) => volume.name,
      ),
    },
  };
}

/** True when user or cluster add something to pods. */
export function hasAdditions({ workspace, cluster }: NodeDecision): boolean {
  return [workspace.pod, cluster.defaults.pod].some((pod) => Object.keys(pod).length > 0);
}

/** `decision` without what user and cluster add to pods. */
export function withoutAdditions<Given extends NodeDecision>(decision: Given): Given {
  const { workspace, cluster } = decision;
  return {
    ...decision,
    workspace: { ...workspace, pod: {} },
    cluster: { ...cluster, defaults: { ...cluster.defaults, pod: {} } },
  };
}

/**
 * The user's containers: those that start before all others, and those beside the model's. A Job ends when all of the latter
 * have: there sidecars are init containers that stay, which end with it (Kubernetes 1.29).
 */
export function containersOfUser(decision: NodeDecision): {
  readonly first: readonly Container[];
  readonly beside: readonly Container[];
} {
  const { initContainers = [], sidecars = [] } = podPropsOf(decision);
  const [first, beside] = [initContainers.map(secured), sidecars.map(secured)];
  if (decision.workspace.tuning === null) return { first, beside };
  return { first: [...first, ...beside.map((each) => ({ ...each, restartPolicy: 'Always' }))], beside: [] };
}

/** A container of the user's, as secure as ours unless it says otherwise. */
export function secured(container: Container): Container {
  return {
    ...withoutEmptyLists(container),
    securityContext: { ...containerSecurityContext(), ...container.securityContext },
  };
}

/** How a pod finds hosts by name: fields of our overlay and of Kubernetes' pods alike. */
type NameLookup = Pick<PodProps, 'hostAliases' | 'dnsConfig'> & Pick<PodSpec, 'dnsPolicy'>;

/** What the user says of how the pod finds hosts by name. */
export function nameLookup({ hostAliases = [], dnsPolicy, dnsConfig }: NameLookup): Partial<PodSpec> {
  return {
    ...(hostAliases.length > 0 && { hostAliases: [...hostAliases] }),
    ...(dnsPolicy !== undefined && { dnsPolicy }),
    ...(dnsConfig !== undefined && { dnsConfig }),
  };
}

/** Labels and annotations of pods: those of the Workspace's objects, and the user's for pods. */
export function podMetadata(
  decision: NodeDecision,
  pod: PodProps,
  labels: Readonly<Record<string, string>> = {},
): NonNullable<PodTemplateSpec['metadata']> {
  const annotations = { ...decision.workspace.annotations, ...pod.annotations };
  return {
    labels: { ...withoutReserved(pod.labels), ...labelsOf(decision), ...labels },
    ...(Object.keys(annotations).length > 0 && { annotations }),
  };
}

/** Where the pod may run: the nodes made for it, narrowed by the user. */
function placementOf(decision: NodeDecision, pod: PodProps, scheduling: PodScheduling): Partial<PodSpec> {
  const nodeSelector = { ...pod.nodeSelector, ...scheduling.nodeSelector };
  const spread = [...(pod.topologySpreadConstraints ?? []), ...spreadConstraints(decision)];
  return {
    ...(Object.keys(nodeSelector).length > 0 && { nodeSelector }),
    tolerations: distinct<Toleration>([...scheduling.tolerations, ...(pod.tolerations ?? [])]),
    ...(pod.affinity !== undefined && { affinity: pod.affinity }),
    ...(spread.length > 0 && { topologySpreadConstraints: [...spread] }),
    ...(pod.schedulerName !== undefined && { schedulerName: pod.schedulerName }),
  };
}

/** `container` with what reaches every container: its own variables and mounts win over the cluster's, the user's over both. */
export function completed(container: Container, pod: PodProps, egress: Egress): Container {
  const env = lastByName(
    [...egress.env, ...(container.env ?? []), ...(pod.env ?? [])],
    (variable) => variable.name,
  );
  const volumeMounts = lastByName(
    [...(container.volumeMounts ?? []), ...egress.volumeMounts, ...(pod.volumeMounts ?? [])],
    (mount) => mount.mountPath,
  );
  return {
    ...container,
    ...(env.length > 0 && { env }),
    ...(volumeMounts.length > 0 && { volumeMounts }),
  };
}
