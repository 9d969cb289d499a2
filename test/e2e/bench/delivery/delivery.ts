import type { Manifest } from '../cluster/manifest';
import type { AppliedFolder, RenderedCluster } from '../tree/rendered-tree';

/** A GitOps engine that applies one cluster of a rendered tree, installed as the documentation says. */
export interface Delivery {
  /** `Argo CD` or `Flux`. */
  readonly name: string;
  /** Hand the engine's own objects to the cluster, once. */
  install(rendered: RenderedCluster, revision: string): Promise<void>;
  /** Tell the engine of a new commit. It works on from there by itself. */
  announce(revision: string): Promise<void>;
  /** Wait until all that is rendered is applied at `revision`, and ready. @param seconds at most; by default enough for a few Workspaces */
  settled(rendered: RenderedCluster, revision: string, seconds?: number): Promise<void>;
  /** Prove that what has to be there first was there first. */
  orderWasKept(rendered: RenderedCluster): Promise<void>;
  /** Prove that looking again finds nothing to change. */
  findsNothingToChange(rendered: RenderedCluster): Promise<void>;
  /** Have the engine look at the cluster again. */
  look(folder: AppliedFolder): Promise<void>;
  /** Have the engine judge a folder within so many seconds, where it would otherwise wait as long as a model loads. */
  judgeWithin(folder: AppliedFolder, seconds: number): Promise<void>;
  /** What the engine says of a folder that is not well; empty when it says nothing. */
  complaint(folder: AppliedFolder): Promise<string>;
  /** Whether the engine keeps an object that is no longer rendered. */
  keeps(object: Manifest): boolean;
}
