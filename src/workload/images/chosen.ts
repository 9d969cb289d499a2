import type { ImageProps } from '../../spec/workspace';
import type { Decision } from '../decision';

/** Where an image is chosen, in words: KAITO's documents have no field for it. */
export const IMAGE_FIELDS = 'inference.image, or defaults.image of the Cluster';

/**
 * The image that the Workspace asks for, else its cluster's. One half of serving needs NIXL, which Slipway's own image does
 * not have: vLLM's stands in for it unless the Workspace itself names an image.
 */
export function chosenImage({ workspace, cluster }: Pick<Decision, 'workspace' | 'cluster'>): ImageProps {
  const own = workspace.inference?.image ?? null;
  if (own !== null) return own;
  const { image } = cluster.defaults;
  return workspace.inference?.role !== undefined && image.kind === 'slipway' ? { kind: 'vllm' } : image;
}
