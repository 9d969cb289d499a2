import type { Construct } from 'constructs';
import type { Problem } from '../../spec/problem';
import type { CapacityRequest } from '../contract';

/** How a NodePool names its node class. */
export interface NodeClassRef {
  readonly group: string;
  readonly kind: string;
  readonly name: string;
}

/** Node classes of one cloud. */
export interface NodeClassKind {
  readonly group: string;
  readonly kind: string;
  /** What a class for `request` would need and does not get. Not called where an existing class is named. */
  checkCreated(request: CapacityRequest): Problem[];
  /** Make the class `name`. */
  create(scope: Construct, request: CapacityRequest, name: string): void;
}

/** The existing class that the Workspace, or its cluster, names; null: one is created. */
export function existingClassName({ decision: { workspace, cluster } }: CapacityRequest): string | null {
  if (workspace.resource.nodeClassName !== null) return workspace.resource.nodeClassName;
  const provisioning = cluster.nodeProvisioning;
  return provisioning.kind === 'karpenter' ? (provisioning.nodeClass?.name ?? null) : null;
}
