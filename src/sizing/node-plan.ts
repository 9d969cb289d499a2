import { layerKindsOf } from './layer-kinds';
import type { Geometry, Model } from '../catalog/model';
import { KAITO_CONTEXT, kaitoInput, kaitoNodeCount, kaitoRunsCopies } from './kaito';
import type { UsableGpu } from './machine-problem';

/** How many nodes to begin with. */
export interface NodePlan {
  readonly nodes: number;
  /** KAITO would run a copy on each GPU of one node. */
  readonly copies: boolean;
}

/**
 * KAITO's node count, from which the search for a fit goes up. A wish for a context goes into KAITO's formula only
 * where its bytes per token are those of the network; elsewhere KAITO's count for 2,048 tokens is the beginning.
 */
export function nodePlan(model: Model, gpu: UsableGpu, contextLength: number | undefined): NodePlan {
  const context = countsEveryLayerRightly(model.geometry) ? (contextLength ?? KAITO_CONTEXT) : KAITO_CONTEXT;
  const input = kaitoInput(model, gpu, context);
  // Where KAITO finds the GPUs too small, it puts the whole cache of a request on one node: more nodes may do.
  return { nodes: kaitoNodeCount(input, { exactFit: true }) ?? 1, copies: kaitoRunsCopies(input) };
}

/** True where keys and values of one size in every layer are what the network really keeps. */
function countsEveryLayerRightly(geometry: Geometry): boolean {
  return (
    geometry.kvSharedLayers === 0 && layerKindsOf(geometry).every((kind) => kind === 'full' || kind === 'mla')
  );
}
