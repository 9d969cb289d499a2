import type { Construct } from 'constructs';
import type { Problem } from '../spec/problem';
import type { ClusterSpec } from '../spec/normal';
import type { NodeDecision } from '../workload/decision';
import type { PodScheduling } from '../workload/scheduling';

export type { PodScheduling };

/** Nodes for one Workspace. */
export interface CapacityRequest {
  readonly decision: NodeDecision;
  /** Unique in the cluster; value of the node label `slipway.dev/node-group`. */
  readonly nodeGroup: string;
  /** Nodes of all replicas together. */
  readonly nodes: number;
  /** A tuning Job's nodes go away after it; serving nodes stay. */
  readonly purpose: 'inference' | 'tuning';
  /** Disk for weights, image and scratch, in bytes. */
  readonly diskBytes: number;
}

/**
 * A kind of capacity: who makes the GPU nodes of a cluster. There is one implementation for each kind of
 * `NodeProvisioning`, in a folder of its own that knows only this contract; `capacityOf` picks it.
 */
export interface Capacity {
  /** What this kind cannot honour in `request`, with what to do instead. */
  check(request: CapacityRequest): readonly Problem[];
  /** How pods of `request` are scheduled. */
  scheduling(request: CapacityRequest): PodScheduling;
  /** Make the objects of one Workspace's nodes under `scope`. */
  synthesize(scope: Construct, request: CapacityRequest): void;
  /** Make the objects that a cluster has once for all its requests (sorted by node group). Not called without requests. */
  synthesizeCluster?(scope: Construct, cluster: ClusterSpec, requests: readonly CapacityRequest[]): void;
}
