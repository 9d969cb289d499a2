import type { Tree } from '../gitops/tree';
import type { Problem } from '../spec/problem';
import type { Decision, NodeDecision } from '../workload/decision';

/** A fleet, rendered in memory. */
export interface Rendering {
  readonly tree: Tree;
  /** In the order of construction. */
  readonly decisions: readonly (Decision | NodeDecision)[];
  /** Warnings; a rendering with errors does not exist. */
  readonly problems: readonly Problem[];
}
