import type { ImageProps } from '../../spec/workspace';
import type { Decision } from '../decision';

/** The image that the Workspace asks for, else its cluster's. */
export function chosenImage({ workspace, cluster }: Pick<Decision, 'workspace' | 'cluster'>): ImageProps {
  return workspace.inference?.image ?? cluster.defaults.image;
}
