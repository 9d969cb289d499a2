import type { Problem } from '../../spec/problem';
import type { CapacityRequest } from '../contract';
import { diskGiB } from '../disk';
import type { NodeClassKind } from './node-class';

/** Karpenter's classes on Google Cloud, from a provider that is not Google's (cloudpilot-ai/karpenter-provider-gcp). */
export const gceNodeClass: NodeClassKind = {
  group: 'karpenter.k8s.gcp',
  kind: 'GCENodeClass',
  checkCreated,
  create: () => {
    throw new TypeError('GCENodeClasses are not made, only named');
  },
};

function checkCreated(request: CapacityRequest): Problem[] {
  return [
    {
      severity: 'error',
      code: 'missing-node-class',
      ...request.decision.cluster.at('nodeProvisioning.nodeClass'),
      message:
        "node classes cannot be made for Google Cloud: its Karpenter provider is a third party's, whose schema is not kept here",
      next: `create a GCENodeClass with a disk of at least ${diskGiB(request)} GiB and name it (nodeClass: {name: ...}), or use nodeProvisioning of kind ownNodes`,
    },
  ];
}
