/** Slipway's public API. */
export { Cluster } from './fleet/cluster';
export { Fleet, type FleetProps } from './fleet/fleet';
export type { RepositoryProps } from './gitops/repository';
export type { Rendering } from './fleet/rendering';
export { Workspace } from './fleet/workspace';
export type * from './spec/budget';
export type * from './spec/cluster';
export type * from './spec/network';
export type * from './spec/operations';
export { overlay, type Overlay } from './spec/overlay';
export type * from './spec/secrets';
export type * from './spec/weights';
export type * from './spec/workspace';
export { InvalidInputError, type Position, type Problem } from './spec/problem';
export type { LedgerLine, Placement } from './sizing/placement';
export type { Decision } from './workload/decision';
