import type { Container, PodTemplateSpec } from 'kubernetes-types/core/v1';
import type { Construct } from 'constructs';
import { addImmutableConfigMap } from '../config-map';
import type { Decision } from '../decision';
import { imageOf } from '../images';
import type { Group } from '../images/contract';
import { objectMetadata, selectorLabels } from '../metadata';
import { addGroupPolicy } from '../network-policy';
import { addObject } from '../object';
import { podTemplate } from '../pod';
import type { PodScheduling } from '../scheduling';
import { serverParts } from '../server';

/** Label of every pod of a LeaderWorkerSet with its place in its group; the leader has 0 (sigs.k8s.io/lws). */
export const WORKER_INDEX_LABEL = 'leaderworkerset.sigs.k8s.io/worker-index';
/** Variable that its webhook puts first into every container: the DNS name of the group's leader. */
const LEADER_ADDRESS = 'LWS_LEADER_ADDRESS';

/** `spec` of `leaderworkerset.x-k8s.io/v1`, as far as it is written (CRD of 2026-08-21). */
interface LeaderWorkerSetSpec {
  readonly replicas?: number;
  readonly leaderWorkerTemplate: {
    readonly size: number;
    readonly restartPolicy: 'RecreateGroupOnPodRestart';
    readonly workerTemplate: PodTemplateSpec;
  };
  readonly rolloutStrategy: {
    readonly type: 'RollingUpdate';
    readonly rollingUpdateConfiguration: {
      readonly partition: number;
      readonly maxSurge: number;
      readonly maxUnavailable: number;
    };
  };
  readonly startupPolicy: 'LeaderCreated';
  readonly networkConfig: { readonly subdomainPolicy: 'Shared' };
}

/**
 * Name of a Workspace's LeaderWorkerSet. Not the Workspace's own: the controller makes a headless Service of the set's
 * name for the addresses of its pods, and leaves an existing Service of that name alone.
 */
export function leaderWorkerSetName(workspace: string): string {
  return `${workspace}-groups`;
}

/**
 * `template` with the protocol of every port. The CRD fills it in, and it is a part of what tells the ports of a list apart: to
 * Argo CD the live port would be another one for ever.
 */
function withProtocols({ metadata, spec }: PodTemplateSpec): PodTemplateSpec {
  const complete = (container: Container): Container =>
    container.ports === undefined
      ? container
      : { ...container, ports: container.ports.map((port) => ({ protocol: 'TCP', ...port })) };
  return {
    ...(metadata !== undefined && { metadata }),
    ...(spec !== undefined && {
      spec: {
        ...spec,
        ...(spec.initContainers !== undefined && { initContainers: spec.initContainers.map(complete) }),
        containers: spec.containers.map(complete),
      },
    }),
  };
}

/** Groups that may be down at once. A share of them is rounded down, and its webhook refuses none where no more may be made. */
function maxUnavailable({ workspace: { inference, operations } }: Decision): number {
  const given = inference?.maxUnavailable ?? 1;
  if (typeof given === 'number') return given;
  const fewest = operations?.autoscaling?.minReplicas ?? inference?.replicas ?? 1;
  return Math.max(1, Math.floor((fewest * Number.parseInt(given, 10)) / 100));
}

/**
 * Make one LeaderWorkerSet with a group for each replica. Leader and workers have one template, and its controller
 * makes the whole group again when a container in it has ended.
 */
export function addLeaderWorkerSet(scope: Construct, decision: Decision, scheduling: PodScheduling): void {
  const { workspace, placement } = decision;
  const group: Group = {
    nodes: placement.nodes,
    leader: { variable: LEADER_ADDRESS },
    indexLabel: WORKER_INDEX_LABEL,
  };
  const program = imageOf(decision).program(decision, group);
  const configMap =
    program.config === undefined
      ? null
      : addImmutableConfigMap(scope, decision, workspace.name, program.config.files());
  const selector = selectorLabels(decision);
  addObject(scope, {
    apiVersion: 'leaderworkerset.x-k8s.io/v1',
    kind: 'LeaderWorkerSet',
    metadata: objectMetadata(decision, leaderWorkerSetName(workspace.name)),
    spec: {
      // An autoscaler owns the number, where there is one.
      ...(workspace.operations?.autoscaling === undefined && {
        replicas: workspace.inference?.replicas ?? 1,
      }),
      leaderWorkerTemplate: {
        size: placement.nodes,
        restartPolicy: 'RecreateGroupOnPodRestart',
        workerTemplate: withProtocols(
          podTemplate(decision, scheduling, serverParts(decision, program, configMap)),
        ),
      },
      rolloutStrategy: {
        type: 'RollingUpdate',
        // A group stops before the next one starts: a rollout never needs a spare GPU.
        rollingUpdateConfiguration: { partition: 0, maxSurge: 0, maxUnavailable: maxUnavailable(decision) },
      },
      startupPolicy: 'LeaderCreated',
      networkConfig: { subdomainPolicy: 'Shared' },
    } satisfies LeaderWorkerSetSpec,
  });
  addGroupPolicy(scope, decision, `${workspace.name}-peers`, selector);
}
