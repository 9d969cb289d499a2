import { expandLayers } from '../catalog/layers';
import type { Geometry, LayerKind } from '../catalog/model';

const known = new WeakMap<Geometry, readonly LayerKind[]>();

/** Each decoder layer's kind in order; expanded once for each geometry, as every question about it asks. */
export function layerKindsOf(geometry: Geometry): readonly LayerKind[] {
  let kinds = known.get(geometry);
  if (!kinds) {
    kinds = expandLayers(geometry.layers);
    known.set(geometry, kinds);
  }
  return kinds;
}
