import type { StatefulSet } from 'kubernetes-types/apps/v1';
import type { Construct } from 'constructs';
import { addImmutableConfigMap } from './config-map';
import { type Decision, LABELS } from './decision';
import { imageOf } from './images';
import type { Group } from './images/contract';
import { POD_INDEX_LABEL } from './images/group-env';
import { objectMetadata, selectorLabels } from './metadata';
import { addCallersPolicy, addGroupPolicy } from './network-policy';
import { addObject } from './object';
import { podTemplate } from './pod';
import type { PodScheduling } from './scheduling';
import { serverParts } from './server';
import { addHeadlessService, addService } from './service';

/** Make what serves a model over several nodes: one StatefulSet for each replica, whose pods work as one engine. */
export function synthesizeGroups(scope: Construct, decision: Decision, scheduling: PodScheduling): void {
  const replicas = decision.workspace.inference?.replicas ?? 1;
  for (let index = 0; index < replicas; index += 1) {
    addGroup(scope, decision, scheduling, groupName(decision.workspace.name, index));
  }
  // Workers serve nothing: requests go to the pods with index 0 alone.
  addService(scope, decision, { ...selectorLabels(decision), [POD_INDEX_LABEL]: '0' });
  addCallersPolicy(scope, decision);
}

/** Name of the StatefulSet of a replica. The first has the Workspace's own name, whatever the number of replicas. */
export function groupName(workspace: string, index: number): string {
  return index === 0 ? workspace : `${workspace}-group-${index}`;
}

function addGroup(scope: Construct, decision: Decision, scheduling: PodScheduling, name: string): void {
  const { workspace, cluster, placement } = decision;
  const headless = `${name}-headless`;
  const selector = { ...selectorLabels(decision), [LABELS.group]: name };
  const group: Group = {
    nodes: placement.nodes,
    leaderAddress: `${name}-0.${headless}.${workspace.namespace}.svc.${cluster.clusterDomain}`,
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
      replicas: placement.nodes,
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
