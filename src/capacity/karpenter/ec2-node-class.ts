import type { Construct } from 'constructs';
import type { Problem } from '../../spec/problem';
import { addObject } from '../../workload/object';
import { weightsPlace } from '../../workload/weights';
import type { Ec2NodeClassSpec } from '../crd/ec2-node-class-spec';
import type { CapacityRequest } from '../contract';
import { checkDisk, diskGiB, type DiskLimit } from '../disk';
import { nodeObjectLabels } from '../object-labels';
import type { NodeClassKind } from './node-class';

const DEFAULT_AMI_ALIAS = 'al2023@latest';
/** Largest gp3 volume (Amazon EBS, 2025): 64 TiB; Karpenter's own pattern ends at 59000Gi. */
const DISK_LIMIT: DiskLimit = {
  gib: 59_000,
  whose: 'EBS volumes',
  next: 'keep the weights on a volume (weights: {from: pvc, claimName: ...})',
};
const DISCOVERY_TAG = 'karpenter.sh/discovery';

/** Karpenter's classes on AWS. */
export const ec2NodeClass: NodeClassKind = {
  group: 'karpenter.k8s.aws',
  kind: 'EC2NodeClass',
  checkCreated,
  create,
};

function awsOf({ decision: { cluster } }: CapacityRequest) {
  return cluster.nodeProvisioning.kind === 'karpenter' ? cluster.nodeProvisioning.aws : undefined;
}

function checkCreated(request: CapacityRequest): Problem[] {
  const { cluster } = request.decision;
  const problems = checkDisk(request, DISK_LIMIT);
  if (awsOf(request) === undefined) {
    problems.push({
      severity: 'error',
      code: 'missing-aws-role',
      ...cluster.at('nodeProvisioning.aws'),
      message: 'an EC2NodeClass cannot be made without the IAM role of its nodes',
      next: 'add aws: {role: KarpenterNodeRole-<cluster>} to nodeProvisioning, or name an existing class (nodeClass: {name: ...})',
    });
  }
  return problems;
}

function create(scope: Construct, request: CapacityRequest, name: string): void {
  const aws = awsOf(request);
  if (aws === undefined) throw new TypeError('an EC2NodeClass needs nodeProvisioning.aws');
  const { decision } = request;
  const alias = aws.amiAlias ?? DEFAULT_AMI_ALIAS;
  const discovered = [{ tags: { [DISCOVERY_TAG]: aws.discoveryTag ?? decision.cluster.name } }];
  addObject(scope, {
    apiVersion: 'karpenter.k8s.aws/v1',
    kind: 'EC2NodeClass',
    metadata: { name, labels: nodeObjectLabels(decision, request.nodeGroup) },
    spec: {
      role: aws.role,
      amiSelectorTerms: [{ alias }],
      subnetSelectorTerms: discovered,
      securityGroupSelectorTerms: discovered,
      blockDeviceMappings: [
        {
          // Bottlerocket keeps images and pods on its second disk.
          deviceName: alias.startsWith('bottlerocket@') ? '/dev/xvdb' : '/dev/xvda',
          ebs: {
            volumeSize: `${diskGiB(request)}Gi`,
            volumeType: 'gp3',
            encrypted: true,
            deleteOnTermination: true,
          },
        },
      ],
      metadataOptions: {
        httpEndpoint: 'enabled',
        httpProtocolIPv6: 'disabled',
        httpTokens: 'required',
        httpPutResponseHopLimit: 1,
      },
      ...(weightsPlace(decision) === 'node-nvme-disk' && { instanceStorePolicy: 'RAID0' }),
    } satisfies Ec2NodeClassSpec,
  });
}
