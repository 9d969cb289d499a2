import type { Construct } from 'constructs';
import type { Problem } from '../../spec/problem';
import { LABELS } from '../../workload/decision';
import { contentHash } from '../../workload/names';
import { addObject } from '../../workload/object';
import { GIB, binaryQuantity } from '../../workload/quantity';
import type { NodeClaimSpec } from '../crd/node-claim-spec';
import { checkAksLabels } from '../aks-labels';
import { checkOnDemandOnly, checkPartition, warnNodeClass } from '../checks';
import type { Capacity, CapacityRequest } from '../contract';
import { AKS_DISK_LIMIT, checkDisk, diskGiB } from '../disk';
import { nodeObjectLabels } from '../object-labels';
import { GPU_TAINT, gpuTolerations } from '../tolerations';

/** The claim's name becomes that of an AKS agent pool: `^[a-z][a-z0-9]{0,11}$`. KAITO's own prefix and length. */
const NAME_PREFIX = 'ws';
const NAME_HASH_LENGTH = 9;

/**
 * KAITO's gpu-provisioner, for clusters that have nothing else: one NodeClaim for each node. It reads the name, the
 * labels, the image family annotation, the taints, the first instance type and the storage request, and nothing else.
 */
export const gpuProvisioner: Capacity = {
  check: (request) => [
    ...checkPartition(request),
    ...checkOnDemandOnly(request, 'gpu-provisioner has no spot machines'),
    ...checkCloud(request),
    ...checkMachineList(request),
    ...checkAksLabels(request, 'gpu-provisioner'),
    ...warnNodeClass(request, 'gpu-provisioner reads none'),
    ...checkDisk(request, AKS_DISK_LIMIT),
  ],
  scheduling: (request) => ({
    nodeSelector: nodeLabels(request),
    tolerations: gpuTolerations(request.decision),
  }),
  synthesize(scope, request) {
    for (let index = 0; index < request.nodes; index += 1) addNodeClaim(scope, request, index);
  },
};

function nodeLabels({ decision, nodeGroup }: CapacityRequest): Record<string, string> {
  return { ...decision.workspace.resource.matchLabels, [LABELS.nodeGroup]: nodeGroup };
}

function addNodeClaim(scope: Construct, request: CapacityRequest, index: number): void {
  const { decision, nodeGroup } = request;
  const labels = {
    ...nodeLabels(request),
    ...nodeObjectLabels(decision, nodeGroup),
    // Karpenter's vendored controllers look for it; no NodePool of this name exists. Without KAITO's own workspace
    // label beside it the garbage collector for orphaned pools leaves the node alone.
    'karpenter.sh/nodepool': 'kaito',
  };
  const annotations = {
    'karpenter.sh/do-not-disrupt': 'true',
    'kaito.sh/node-image-family': imageFamily(request),
  };
  const spec = {
    expireAfter: 'Never',
    nodeClassRef: { group: 'kaito.sh', kind: 'KaitoNodeClass', name: 'default' },
    requirements: [
      { key: 'karpenter.sh/nodepool', operator: 'In', values: ['kaito'] },
      { key: 'node.kubernetes.io/instance-type', operator: 'In', values: [decision.placement.machine.name] },
      { key: 'kubernetes.io/os', operator: 'In', values: ['linux'] },
    ],
    resources: { requests: { storage: binaryQuantity(diskGiB(request) * GIB) } },
    taints: [{ ...GPU_TAINT }],
  } satisfies NodeClaimSpec;
  addObject(scope, {
    apiVersion: 'karpenter.sh/v1',
    kind: 'NodeClaim',
    metadata: { name: claimName(request, index, { labels, annotations, spec }), labels, annotations },
    spec,
  });
}

/** A claim can never be changed: whatever it says is part of its name, so a change is a new claim and a new node. */
function claimName({ decision: { workspace } }: CapacityRequest, index: number, content: object): string {
  const identity = [workspace.namespace, workspace.name, index, content];
  return `${NAME_PREFIX}${contentHash(identity, NAME_HASH_LENGTH)}`;
}

function imageFamily({ decision: { workspace, cluster } }: CapacityRequest): string {
  const { nodeProvisioning } = cluster;
  const ofCluster = nodeProvisioning.kind === 'gpuProvisioner' ? nodeProvisioning.nodeImageFamily : undefined;
  return workspace.resource.nodeImageFamily ?? ofCluster ?? 'ubuntu';
}

function checkCloud({ decision: { cluster } }: CapacityRequest): Problem[] {
  if (cluster.cloud === 'azure') return [];
  return [
    {
      severity: 'error',
      code: 'provisioner-of-other-cloud',
      ...cluster.at('nodeProvisioning.kind'),
      message: `gpu-provisioner makes nodes on Azure only, and the cluster is on ${cluster.cloud}`,
      allowed: 'karpenter, ownNodes',
      next: 'choose one of these',
    },
  ];
}

function checkMachineList({ decision: { workspace, candidates, placement } }: CapacityRequest): Problem[] {
  if (candidates.length < 2) return [];
  return [
    {
      severity: 'warning',
      code: 'only-first-machine-type',
      ...workspace.at('resource.instanceType'),
      message: `gpu-provisioner takes one machine type: ${placement.machine.name}; ${candidates.length - 1} more of the list are not used`,
      next: 'name one machine type, or use a Cluster with nodeProvisioning of kind karpenter',
    },
  ];
}
