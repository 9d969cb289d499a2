import type { ClusterSpec } from '../../../spec/normal';

const REPOSITORY = 'ghcr.io/slipway-dev';
const NAME = 'runtime:0.1.0';

/** Reference of Slipway's own runtime image as `cluster` reaches it: its default image, where that is ours, or a mirror. */
export function slipwayReference({
  imageRegistry,
  defaults,
}: Pick<ClusterSpec, 'imageRegistry' | 'defaults'>): string {
  const { kind, reference } = defaults.image;
  if (kind === 'slipway' && reference !== undefined) return reference;
  return `${(imageRegistry ?? REPOSITORY).replace(/\/+$/, '')}/${NAME}`;
}
