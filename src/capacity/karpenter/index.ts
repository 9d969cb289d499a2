import type { Cloud } from '../../spec/cluster';
import type { Problem } from '../../spec/problem';
import { checkPartition } from '../checks';
import type { Capacity, CapacityRequest } from '../contract';
import { diskGiB } from '../disk';
import { gpuTolerations } from '../tolerations';
import { aksNodeClass } from './aks-node-class';
import { ec2NodeClass } from './ec2-node-class';
import { gceNodeClass } from './gce-node-class';
import { existingClassName, type NodeClassKind } from './node-class';
import { checkNodeLabels, nodeLabels } from './node-labels';
import { addNodePools, isStatic } from './node-pool';
import { checkPodSelector } from './pod-selector';

const NODE_CLASSES: Readonly<Record<Cloud, NodeClassKind>> = {
  azure: aksNodeClass,
  aws: ec2NodeClass,
  gcp: gceNodeClass,
};

/** Karpenter: a NodePool for each Workspace, and a node class whose disk holds the model. */
export const karpenter: Capacity = {
  check(request) {
    const kind = NODE_CLASSES[request.decision.cluster.cloud];
    return [
      ...checkPartition(request),
      ...checkNodeLabels(request),
      ...checkPodSelector(request),
      ...checkStatic(request),
      ...(existingClassName(request) === null
        ? kind.checkCreated(request)
        : noteExistingClass(request, kind)),
    ];
  },
  scheduling: (request) => ({
    nodeSelector: nodeLabels(request),
    tolerations: gpuTolerations(request.decision),
  }),
  synthesize(scope, request) {
    const kind = NODE_CLASSES[request.decision.cluster.cloud];
    const existing = existingClassName(request);
    if (existing === null) kind.create(scope, request, request.nodeGroup);
    addNodePools(scope, request, { group: kind.group, kind: kind.kind, name: existing ?? request.nodeGroup });
  },
};

/** Nobody here can see the disk of a class that exists already. */
function noteExistingClass(request: CapacityRequest, kind: NodeClassKind): Problem[] {
  const { workspace, cluster } = request.decision;
  const ofWorkspace = workspace.resource.nodeClassName !== null;
  const orMade = cluster.cloud === 'gcp' ? '' : ', or leave it out: one is then made with a disk that fits';
  return [
    {
      severity: 'warning',
      code: 'unchecked-node-class',
      ...(ofWorkspace ? workspace.at('resource.nodeClassName') : cluster.at('nodeProvisioning.nodeClass')),
      message: `${workspace.namespace}/${workspace.name} needs a disk of ${diskGiB(request)} GiB, and the disk of ${kind.kind} ${existingClassName(request) ?? ''} is not known here`,
      next: `see that the class has such a disk${orMade}`,
    },
  ];
}

function checkStatic(request: CapacityRequest): Problem[] {
  if (!isStatic(request)) return [];
  const { workspace, cluster } = request.decision;
  const field = 'nodeProvisioning.staticCapacity';
  const problems: Problem[] = [
    {
      severity: 'warning',
      code: 'static-capacity-gate',
      ...cluster.at(field),
      message:
        "static NodePools need Karpenter's alpha feature gate StaticCapacity; without it they stay empty and say nothing",
      next: 'turn the gate on (settings.featureGates.staticCapacity=true), or leave staticCapacity out: pending pods then pull the nodes',
    },
  ];
  if (workspace.resource.capacityType === 'spot-then-on-demand') {
    problems.push({
      severity: 'error',
      code: 'static-capacity-without-fallback',
      ...workspace.at('resource.capacityType'),
      message:
        'spot-then-on-demand needs a preference between NodePools, and static NodePools have no weight',
      allowed: 'on-demand, spot',
      next: 'choose one of the two, or leave nodeProvisioning.staticCapacity out',
    });
  }
  return problems;
}
