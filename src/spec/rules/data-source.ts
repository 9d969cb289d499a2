import type { Volume } from 'kubernetes-types/core/v1';
import { child } from '../fields';
import { didYouMean } from '../nearest';
import type { Report } from '../report';
import type { Loose } from '../shape/loose';
import { shown } from '../shape/shown';
import { IMAGE_REFERENCE, imageReferenceFault, isPlaceholder } from '../syntax/image-reference';
import { INPUT_URL, inputUrlFault } from '../syntax/input-url';
import type { DataSourceFields } from '../workspace';
import { checkObjectName, checkObjectNames } from './names';

/** Sources of a volume in Kubernetes' API. */
const VOLUME_KINDS: readonly string[] = [
  'awsElasticBlockStore',
  'azureDisk',
  'azureFile',
  'cephfs',
  'cinder',
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'fc',
  'flexVolume',
  'flocker',
  'gcePersistentDisk',
  'gitRepo',
  'glusterfs',
  'hostPath',
  'iscsi',
  'nfs',
  'persistentVolumeClaim',
  'photonPersistentDisk',
  'portworxVolume',
  'projected',
  'quobyte',
  'rbd',
  'scaleIO',
  'secret',
  'storageos',
  'vsphereVolume',
] satisfies (keyof Volume)[];
/** Newer than our type definitions: Kubernetes 1.31. */
const KINDS = [...VOLUME_KINDS, 'image'];

/** An image reference that a registry understands. */
export function checkImage(reference: string | undefined, field: string, report: Report): void {
  if (reference === undefined) return;
  const fault = imageReferenceFault(reference);
  if (fault === undefined) return;
  if (isPlaceholder(reference)) {
    report.error('placeholder', field, `${shown(reference)} is a placeholder of the documentation`, {
      allowed: IMAGE_REFERENCE,
      next: 'write the registry, name and tag of your own image, such as myregistry.azurecr.io/my-adapter:0.0.1, and the Secret for a private registry beside it',
    });
    return;
  }
  report.error('invalid-image', field, `${shown(reference)} ${fault}`, { allowed: IMAGE_REFERENCE });
}

/** Exactly one kind of volume, of those that Kubernetes has. */
export function checkVolumeSource(source: object | undefined, field: string, report: Report): void {
  if (source === undefined) return;
  const kinds = Object.keys(source);
  for (const kind of kinds) {
    if (KINDS.includes(kind)) continue;
    report.error('unknown-field', child(field, kind), 'unknown kind of volume', {
      allowed: KINDS.join(', '),
      next: didYouMean(kind, KINDS),
      atKey: true,
    });
  }
  if (kinds.length > 1) {
    report.error('contradiction', field, `names ${kinds.length} volumes: ${kinds.join(', ')}`, {
      allowed: 'exactly one',
      next: 'keep one of them',
    });
  }
  const claim: unknown = Object.entries(source).find(([kind]) => kind === 'persistentVolumeClaim')?.[1];
  if (typeof claim !== 'object' || claim === null) return;
  const name: unknown = 'claimName' in claim ? claim.claimName : undefined;
  const nameField = `${field}.persistentVolumeClaim.claimName`;
  if (typeof name === 'string') checkObjectName(name, nameField, report);
  else report.error('missing-field', nameField, 'is required', { next: 'name the PersistentVolumeClaim' });
}

/** Exactly one of the `accepted` places is given, each well-formed. */
export function checkDataSource(
  source: Loose<DataSourceFields>,
  field: string,
  accepted: readonly ('urls' | 'image' | 'volumeSource')[],
  report: Report,
): void {
  const given = accepted.filter((place) => isGiven(source, place));
  if (given.length === 0 && !accepted.some((place) => report.isBroken(`${field}.${place}`))) {
    report.error('missing-field', field, `names none of ${accepted.join(', ')}`, {
      allowed: 'exactly one of them',
      next: 'add one',
    });
  }
  if (given.length > 1) {
    report.error('contradiction', field, `names ${given.join(' and ')}`, {
      allowed: 'exactly one of them',
      next: 'keep one',
    });
  }
  checkImage(source.image, `${field}.image`, report);
  checkVolumeSource(source.volumeSource, `${field}.volumeSource`, report);
  checkObjectNames(source.imagePullSecrets, `${field}.imagePullSecrets`, report);
}

/** Addresses that the runtime image may download from. */
export function checkUrls(
  urls: readonly (string | undefined)[] | undefined,
  field: string,
  report: Report,
): void {
  urls?.forEach((url, index) => {
    const fault = url === undefined ? undefined : inputUrlFault(url);
    if (fault !== undefined) {
      report.error('invalid-url', child(field, index), `${shown(url)} ${fault}`, { allowed: INPUT_URL });
    }
  });
}

function isGiven(source: Loose<DataSourceFields>, place: 'urls' | 'image' | 'volumeSource'): boolean {
  return place === 'urls' ? (source.urls?.length ?? 0) > 0 : source[place] !== undefined;
}
