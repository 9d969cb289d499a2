import type { Construct } from 'constructs';
import type { Problem } from '../../spec/problem';
import { addObject } from '../../workload/object';
import type { AksNodeClassSpec } from '../crd/aks-node-class-spec';
import type { CapacityRequest } from '../contract';
import { AKS_DISK_LIMIT, checkDisk, diskGiB } from '../disk';
import { nodeObjectLabels } from '../object-labels';
import type { NodeClassKind } from './node-class';

/** Lower bound of `osDiskSizeGB` (karpenter.azure.com/v1beta1). */
const MIN_DISK_GIB = 30;
const DEFAULT_IMAGE_FAMILY = 'Ubuntu2204';

/** Karpenter's classes on Azure. */
export const aksNodeClass: NodeClassKind = {
  group: 'karpenter.azure.com',
  kind: 'AKSNodeClass',
  checkCreated,
  create,
};

function checkCreated(request: CapacityRequest): Problem[] {
  const { cluster } = request.decision;
  const problems = checkDisk(request, AKS_DISK_LIMIT);
  const { nodeProvisioning } = cluster;
  const family = nodeProvisioning.kind === 'karpenter' ? nodeProvisioning.imageFamily : undefined;
  if (family !== undefined && !isImageFamily(family)) {
    problems.push({
      severity: 'error',
      code: 'unknown-image-family',
      ...cluster.at('nodeProvisioning.imageFamily'),
      message: `unknown image family ${JSON.stringify(family)}`,
      allowed: IMAGE_FAMILIES.join(', '),
      next: 'choose one of these, or leave it out',
    });
  }
  return problems;
}

const IMAGE_FAMILIES = ['Ubuntu', 'Ubuntu2204', 'Ubuntu2404', 'AzureLinux'] as const;
type ImageFamily = (typeof IMAGE_FAMILIES)[number];

function isImageFamily(name: string): name is ImageFamily {
  return IMAGE_FAMILIES.some((family) => family === name);
}

function imageFamily({ decision: { workspace, cluster } }: CapacityRequest): ImageFamily {
  if (workspace.resource.nodeImageFamily === 'azurelinux') return 'AzureLinux';
  const { nodeProvisioning } = cluster;
  const family = nodeProvisioning.kind === 'karpenter' ? nodeProvisioning.imageFamily : undefined;
  if (family === undefined || !isImageFamily(family)) return DEFAULT_IMAGE_FAMILY;
  // The Workspace asks for Ubuntu, the cluster's default is something else.
  if (workspace.resource.nodeImageFamily === 'ubuntu' && !family.startsWith('Ubuntu'))
    return DEFAULT_IMAGE_FAMILY;
  return family;
}

function create(scope: Construct, request: CapacityRequest, name: string): void {
  addObject(scope, {
    apiVersion: 'karpenter.azure.com/v1beta1',
    kind: 'AKSNodeClass',
    metadata: { name, labels: nodeObjectLabels(request.decision, request.nodeGroup) },
    spec: {
      imageFamily: imageFamily(request),
      osDiskSizeGB: Math.max(MIN_DISK_GIB, diskGiB(request)),
    } satisfies AksNodeClassSpec,
  });
}
