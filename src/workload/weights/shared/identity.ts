import type { Model } from '../../../catalog/model';
import type { SharedWeights } from '../../../spec/weights';
import { shortHash, withSuffix } from '../../names';

/**
 * Name of the claim, and of all that belongs to it: Workspaces that want the same content on the same class get the same
 * one. Another revision, source or class is another claim, since a volume that pods read must not change under them.
 */
export function sharedClaimName(
  { name, huggingFaceId, revision }: Pick<Model, 'name' | 'huggingFaceId' | 'revision'>,
  { reference, storageClassName }: Pick<SharedWeights, 'reference' | 'storageClassName'>,
): string {
  const content = JSON.stringify([huggingFaceId, revision, reference ?? null, storageClassName]);
  return withSuffix(`weights-${name.replaceAll('.', '-')}`, shortHash(content));
}
