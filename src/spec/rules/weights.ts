import type { Report } from '../report';
import type { Loose } from '../shape/loose';
import { shown } from '../shape/shown';
import type { ImageWeights, WeightsProps } from '../workspace';
import { checkImage } from './data-source';
import { checkObjectName, checkObjectNames } from './names';

/** Rules of where weights come from that need neither catalogue nor cluster. */
export function checkWeights(weights: Loose<WeightsProps> | undefined, field: string, report: Report): void {
  switch (weights?.from) {
    case 'image':
      checkRegistry(weights, field, report);
      checkInnerPath(weights.path, `${field}.path`, 'the image', report);
      checkMount(weights, field, report);
      break;
    case 'pvc':
      checkObjectName(weights.claimName, `${field}.claimName`, report);
      checkInnerPath(weights.path, `${field}.path`, 'the volume', report);
      break;
    case 'sharedPvc':
      checkObjectName(weights.storageClassName, `${field}.storageClassName`, report);
      checkRegistry(weights, field, report);
      break;
    case 'node':
      checkNodePath(weights.path, `${field}.path`, report);
      break;
  }
}

function checkRegistry(
  { reference, imagePullSecrets }: Loose<Pick<ImageWeights, 'reference' | 'imagePullSecrets'>>,
  field: string,
  report: Report,
): void {
  checkImage(reference, `${field}.reference`, report);
  checkObjectNames(imagePullSecrets, `${field}.imagePullSecrets`, report);
}

function checkMount(weights: Loose<ImageWeights>, field: string, report: Report): void {
  const { format = 'artifact', mount, volume, reference } = weights;
  if (format === 'image' && reference === undefined && !report.isBroken(`${field}.reference`)) {
    report.error('missing-field', `${field}.reference`, 'is required for an image', {
      next: 'name the image; what the catalogue knows are artifacts',
    });
  }
  if (mount !== 'volume') return;
  if (format === 'artifact') {
    report.error('contradiction', `${field}.mount`, 'asks for a volume, and an artifact cannot be mounted', {
      allowed: 'step; volume for format: image',
      next: 'remove it, or pack the weights as a container image',
    });
  }
  if (volume !== undefined) {
    report.error(
      'contradiction',
      `${field}.volume`,
      'has no effect on weights that are mounted from an image',
      {
        next: 'remove it, or write mount: step',
        atKey: true,
      },
    );
  }
}

/** A folder inside a volume or image: a leading slash means its root. */
function checkInnerPath(path: string | undefined, field: string, where: string, report: Report): void {
  if (path?.split('/').includes('..') !== true) return;
  report.error('path-outside-volume', field, `${shown(path)} leads out of ${where}`, {
    allowed: `a folder below the root of ${where}, without ..`,
    next: 'write the folder that holds config.json',
  });
}

function checkNodePath(path: string | undefined, field: string, report: Report): void {
  if (path === undefined || (/^\/./.test(path) && !path.split('/').includes('..'))) return;
  report.error('invalid-path', field, `${shown(path)} is not a folder of the node`, {
    allowed: 'an absolute path, without ..',
    next: 'write the folder that holds config.json',
  });
}
