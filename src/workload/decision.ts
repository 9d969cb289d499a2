import type { Model } from '../catalog/model';
import type { Placement } from '../sizing/placement';
import type { ClusterSpec, WorkspaceSpec } from '../spec/normal';

/** What is decided about the nodes of one Workspace: all that capacity looks at. */
export interface NodeDecision {
  readonly workspace: WorkspaceSpec;
  readonly cluster: ClusterSpec;
  /** The preferred placement; pods ask for its GPUs. */
  readonly placement: Placement;
  /** All machine types that passed the fit, in order of preference, `placement` first; same nodes, GPUs and parallelism. */
  readonly candidates: readonly Placement[];
}

/**
 * Everything that is decided about one Workspace with a preset, before any object is made: what workload and
 * capacity both build on. A Workspace with the user's own pod template has no model: a `NodeDecision` is all of it.
 */
export interface Decision extends NodeDecision {
  readonly model: Model;
}

/** False for a Workspace with the user's own pod template. */
export function hasModel(decision: NodeDecision): decision is Decision {
  return 'model' in decision;
}

/** Labels of ours. */
export const LABELS = {
  /** On every object and pod of a Workspace; with it pods are selected. Value: the Workspace's name. */
  workspace: 'slipway.dev/workspace',
  /** On nodes made for a Workspace, and what its pods select nodes by. Value: `nodeGroupName`. */
  nodeGroup: 'slipway.dev/node-group',
  /** On the pods of one group of nodes that serve together. Value: the name of its StatefulSet. */
  group: 'slipway.dev/group',
  /** On the pods of an endpoint picker, in place of the Workspace's label. Value: the name of its InferencePool. */
  endpointPicker: 'slipway.dev/endpoint-picker',
  /** On the pods of a Gateway's body-based router. Value: the name of the Gateway. */
  bodyBasedRouter: 'slipway.dev/body-based-router',
  /** On the pods of a prefill or decode half. Value: `prefill` or `decode`. */
  inferenceRole: 'slipway.dev/inference-role',
  /** On the pods of both halves. Value: the name that they share. */
  multiRole: 'slipway.dev/multi-role',
  /** On the claim and Job of weights that several Workspaces share. Value: the claim's name. */
  weights: 'slipway.dev/weights',
  managedBy: 'app.kubernetes.io/managed-by',
} as const;
