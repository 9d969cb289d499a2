import type { Model } from '../../catalog/model';
import type { Decision } from '../decision';
import { GIB, ceilToGiB } from '../quantity';
import { weightsOf } from './source';

/** Room for the hub client's locks and partial files beside the weights: chosen. */
const DOWNLOAD_MARGIN = 1.1;

/** Bytes that weights from the hub take on a volume. */
export function hubBytes(model: Model): number {
  return ceilToGiB(model.downloadBytes * DOWNLOAD_MARGIN) + GIB;
}

/** Bytes that weights out of a registry take: packed layers lie beside their files until all are unpacked. */
export function unpackedBytes(model: Model): number {
  return ceilToGiB(2 * model.downloadBytes * DOWNLOAD_MARGIN) + GIB;
}

/**
 * Bytes of the volume that a pod fills with its weights. The artifacts that the catalogue knows hold their files as they
 * are; what others hold is not known.
 */
export function weightsVolumeBytes({ model, workspace }: Pick<Decision, 'model' | 'workspace'>): number {
  const weights = weightsOf({ workspace });
  return weights.from === 'image' && weights.reference !== undefined ? unpackedBytes(model) : hubBytes(model);
}
