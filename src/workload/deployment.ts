import type { Deployment } from 'kubernetes-types/apps/v1';
import type { PodTemplateSpec } from 'kubernetes-types/core/v1';
import type { Construct } from 'constructs';
import { addImmutableConfigMap } from './config-map';
import type { Decision, NodeDecision } from './decision';
import { imageOf } from './images';
import { objectMetadata, selectorLabels } from './metadata';
import { addCallersPolicy, addGroupPolicy } from './network-policy';
import { addObject } from './object';
import { podTemplate } from './pod';
import { bothHalves, roleLabels, roleOf } from './role';
import type { PodScheduling } from './scheduling';
import { serverParts } from './server';
import { addService } from './service';
import { progressDeadlineSeconds } from './startup';

/** Make what serves a model on one node, once for each replica. */
export function synthesizeSingleNode(scope: Construct, decision: Decision, scheduling: PodScheduling): void {
  const { workspace } = decision;
  const program = imageOf(decision).program(decision, null);
  const configMap =
    program.config === undefined
      ? null
      : addImmutableConfigMap(scope, decision, workspace.name, program.config.files());
  const template = podTemplate(
    decision,
    scheduling,
    serverParts(decision, program, configMap),
    roleLabels(decision),
  );
  addDeployment(scope, decision, {
    replicas: workspace.operations?.autoscaling === undefined ? (workspace.inference?.replicas ?? 1) : null,
    progressDeadlineSeconds: progressDeadlineSeconds(decision),
    template,
  });
  addService(scope, decision, selectorLabels(decision));
  addCallersPolicy(scope, decision);
  const role = roleOf(decision);
  if (role !== undefined) {
    addGroupPolicy(scope, decision, `${workspace.name}-peers`, selectorLabels(decision), bothHalves(role));
  }
}

/** Make the Deployment `<workspace>`. A rollout stops pods before it starts their successors: it never needs a spare GPU. */
export function addDeployment(
  scope: Construct,
  decision: NodeDecision,
  props: {
    /** Null: an autoscaler owns the number, and a number in Git would fight it. */
    readonly replicas: number | null;
    readonly progressDeadlineSeconds: number;
    readonly template: PodTemplateSpec;
  },
): void {
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: objectMetadata(decision, decision.workspace.name),
    spec: {
      ...(props.replicas !== null && { replicas: props.replicas }),
      revisionHistoryLimit: 3,
      progressDeadlineSeconds: props.progressDeadlineSeconds,
      strategy: {
        type: 'RollingUpdate',
        rollingUpdate: { maxSurge: 0, maxUnavailable: decision.workspace.inference?.maxUnavailable ?? 1 },
      },
      selector: { matchLabels: selectorLabels(decision) },
      template: props.template,
    },
  } satisfies Deployment;
  addObject(scope, deployment);
}
