import type { Container, PodSpec, PodTemplateSpec, Toleration } from 'kubernetes-types/core/v1';
import type { Construct } from 'constructs';
import type { Problem } from '../spec/problem';
import type { PodProps } from '../spec/workspace';
import { checkNodeLimit } from './checks/node-limit';
import { checkPod } from './checks/pod';
import { checkTemplatePod, lastingContainers } from './checks/template';
import type { NodeDecision } from './decision';
import { addDeployment } from './deployment';
import { egressOf } from './egress';
import { labelsOf, selectorLabels, withoutReserved } from './metadata';
import { addCallersPolicy, checkNetwork } from './network-policy';
import { checkTemplateOperations, synthesizeTemplateOperations } from './operations';
import { completed, containersOfUser, nameLookup, podMetadata } from './pod';
import { distinct, lastByName, podPropsOf } from './pod-props';
import { violationsOf } from './pod-security';
import { SERVER_PORT } from './probes';
import type { PodScheduling } from './scheduling';
import { addService } from './service';
import { spreadConstraints } from './spread';
import { withoutEmptyLists } from './without-empty-lists';

/** Nobody knows what the user's pod loads: as long as the largest model may take. */
const PROGRESS_DEADLINE_SECONDS = 4 * 60 * 60;

/**
 * Make a Deployment of the user's own pod template, with Service and NetworkPolicy: labels, node selection and
 * tolerations are added; the rest, affinity included, stays as it is. Replicas: `resource.count`, as KAITO has it.
 */
export function synthesizeTemplate(
  scope: Construct,
  decision: NodeDecision,
  scheduling: PodScheduling,
): void {
  const { workspace } = decision;
  const template = completedTemplate(decision, scheduling);
  addDeployment(scope, decision, {
    replicas: workspace.resource.count ?? workspace.inference?.replicas ?? 1,
    progressDeadlineSeconds: PROGRESS_DEADLINE_SECONDS,
    template,
  });
  addService(scope, decision, selectorLabels(decision), SERVER_PORT);
  addCallersPolicy(scope, decision, template.spec === undefined ? [] : lastingContainers(template.spec));
  if (workspace.operations !== undefined) {
    synthesizeTemplateOperations(scope, decision, workspace.operations);
  }
}

/** What of the user's pod template cannot be honoured, or loosens security. */
export function checkTemplate(decision: NodeDecision): readonly Problem[] {
  const { workspace } = decision;
  const template = workspace.inference?.template;
  if ((template?.spec?.containers ?? []).length === 0) {
    return [
      {
        severity: 'error',
        code: 'template-without-containers',
        ...workspace.at('inference.template.spec.containers'),
        message: 'the pod template has no containers',
        next: 'add at least one container that serves on port 5000',
      },
    ];
  }
  const { spec } = completedTemplate(decision, { nodeSelector: {}, tolerations: [] });
  return [
    ...checkNodeLimit(decision),
    ...checkNetwork(decision),
    ...checkRequests(decision),
    ...checkTemplateOperations(decision, workspace.operations ?? {}),
    ...(spec === undefined
      ? []
      : [...checkTemplatePod(decision, spec), ...checkPod(decision, spec, violationsOf(spec))]),
  ];
}

/** Requests are those of a server that Slipway knows. */
function checkRequests({ workspace }: NodeDecision): Problem[] {
  if (workspace.pod.resources === undefined) return [];
  return [
    {
      severity: 'warning',
      code: 'ignored-field',
      ...workspace.at('pod.resources'),
      message: 'has no effect on a pod template, whose containers say what they request',
      next: 'write the requests in inference.template, and remove it here',
    },
  ];
}

function completedTemplate(decision: NodeDecision, scheduling: PodScheduling): PodTemplateSpec {
  const given = decision.workspace.inference?.template ?? {};
  const spec: PodSpec = given.spec ?? { containers: [] };
  const pod = podPropsOf(decision);
  const egress = egressOf(decision);
  const metadata = podMetadata(decision, pod);
  const annotations = { ...given.metadata?.annotations, ...metadata.annotations };
  const pullSecrets = distinct([
    ...(spec.imagePullSecrets ?? []).flatMap(({ name }) => name ?? []),
    ...(pod.imagePullSecrets ?? []),
  ]);
  const { first, beside } = containersOfUser(decision);
  const complete = (container: Container): Container => completed(container, pod, egress);
  const initContainers = [...first, ...(spec.initContainers ?? [])];
  const volumes = lastByName(
    [...egress.volumes, ...(pod.volumes ?? []), ...(spec.volumes ?? [])],
    ({ name }) => name,
  );
  return {
    metadata: {
      labels: { ...withoutReserved(given.metadata?.labels), ...metadata.labels, ...labelsOf(decision) },
      ...(Object.keys(annotations).length > 0 && { annotations }),
    },
    spec: withoutEmptyLists({
      ...spec,
      automountServiceAccountToken: spec.automountServiceAccountToken ?? false,
      nodeSelector: { ...pod.nodeSelector, ...spec.nodeSelector, ...scheduling.nodeSelector },
      tolerations: distinct<Toleration>([
        ...scheduling.tolerations,
        ...(spec.tolerations ?? []),
        ...(pod.tolerations ?? []),
      ]),
      ...placementOf(decision, pod, spec),
      ...nameLookup({
        ...pod,
        hostAliases: distinct([...(spec.hostAliases ?? []), ...(pod.hostAliases ?? [])]),
      }),
      ...(spec.dnsPolicy !== undefined && { dnsPolicy: spec.dnsPolicy }),
      ...(spec.dnsConfig !== undefined && { dnsConfig: spec.dnsConfig }),
      ...(pullSecrets.length > 0 && { imagePullSecrets: pullSecrets.map((name) => ({ name })) }),
      ...(initContainers.length > 0 && { initContainers: initContainers.map(complete) }),
      containers: [...spec.containers, ...beside].map(complete),
      ...(volumes.length > 0 && { volumes }),
    }),
  };
}

/** Fields of `pod` that the user's own template leaves out; constraints of both count. */
function placementOf(decision: NodeDecision, pod: PodProps, spec: PodSpec): Partial<PodSpec> {
  const { affinity, priorityClassName, runtimeClassName, schedulerName, serviceAccountName } = {
    ...pod,
    ...spec,
  };
  const grace = spec.terminationGracePeriodSeconds ?? pod.terminationGracePeriodSeconds;
  const spread = [
    ...(pod.topologySpreadConstraints ?? []),
    ...(spec.topologySpreadConstraints ?? []),
    ...spreadConstraints(decision),
  ];
  return {
    ...(affinity !== undefined && { affinity }),
    ...(priorityClassName !== undefined && { priorityClassName }),
    ...(runtimeClassName !== undefined && { runtimeClassName }),
    ...(schedulerName !== undefined && { schedulerName }),
    ...(serviceAccountName !== undefined && { serviceAccountName }),
    ...(grace !== undefined && { terminationGracePeriodSeconds: grace }),
    ...(spread.length > 0 && { topologySpreadConstraints: distinct(spread) }),
  };
}
