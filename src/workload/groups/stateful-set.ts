import type { StatefulSet } from 'kubernetes-types/apps/v1';
import type { Construct } from 'constructs';
import { addImmutableConfigMap } from '../config-map';
import { type Decision, LABELS } from '../decision';
import { imageOf } from '../images';
import type { Group } from '../images/contract';
import { objectMetadata, selectorLabels } from '../metadata';
import { addGroupPolicy } from '../network-policy';
import { addObject } from '../object';
import { podTemplate } from '../pod';
import type { PodScheduling } from '../scheduling';
import { serverParts } from '../server';
import { addHeadlessService } from '../service';

/** Label of every StatefulSet pod with its index (Kubernetes 1.28 and later). */
export const POD_INDEX_LABEL = 'apps.kubernetes.io/pod-index';

/** Name of the StatefulSet of a replica. The first has the Workspace's own name, whatever the number of replicas. */
export function groupName(workspace: string, index: number): string {
  return index === 0 ? workspace : `${workspace}-group-${index}`;
}

/**
 * Make one StatefulSet for each replica. Kubernetes restarts its containers one by one: that a group starts again as a
 * whole is the work of the liveness probes of its images.
 */
export function addStatefulSets(scope: Construct, decision: Decision, scheduling: PodScheduling): void {
  const replicas = decision.workspace.inference?.replicas ?? 1;
  // Without replicas the first group stays, with no pods in it.
  for (let index = 0; index < Math.max(1, replicas); index += 1) {
    const nodes = replicas === 0 ? 0 : decision.placement.nodes;
    addGroup(scope, decision, scheduling, groupName(decision.workspace.name, index), nodes);
  }
}

function addGroup(
  scope: Construct,
  decision: Decision,
  scheduling: PodScheduling,
  name: string,
  pods: number,
): void {
  const { workspace, cluster, placement } = decision;
  const headless = `${name}-headless`;
  const selector = { ...selectorLabels(decision), [LABELS.group]: name };
  const group: Group = {
    nodes: placement.nodes,
    leader: { address: `${name}-0.${headless}.${workspace.namespace}.svc.${cluster.clusterDomain}` },
    indexLabel: POD_INDEX_LABEL,
  };
  const program = imageOf(decision).program(decision, group);
  const configMap =
    program.config === undefined
      ? null
      : addImmutableConfigMap(scope, decision, name, program.config.files());
  const statefulSet = {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: objectMetadata(decision, name),
    spec: {
      replicas: pods,
      // The leader waits for its workers: started one after another they would wait for ever.
      podManagementPolicy: 'Parallel',
      serviceName: headless,
      revisionHistoryLimit: 3,
      selector: { matchLabels: selector },
      template: podTemplate(decision, scheduling, serverParts(decision, program, configMap), selector),
    },
  } satisfies StatefulSet;
  addObject(scope, statefulSet);
  addHeadlessService(scope, decision, headless, selector);
  addGroupPolicy(scope, decision, `${name}-peers`, selector);
}
