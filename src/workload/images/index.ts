import type { ImageKind } from '../../spec/workspace';
import type { Decision } from '../decision';
import { chosenImage } from './chosen';
import type { RuntimeImage } from './contract';
import { kaitoImage } from './kaito';
import { slipwayImage } from './slipway';
import { vllmImage } from './vllm';

const IMAGES: Readonly<Record<ImageKind, RuntimeImage>> = {
  slipway: slipwayImage,
  kaito: kaitoImage,
  vllm: vllmImage,
};

/** The image that the Workspace, or its cluster, asks for. */
export function imageOf(decision: Decision): RuntimeImage {
  return IMAGES[chosenImage(decision).kind];
}

/** Its reference: the user's own, or the tested one. */
export function imageReference(decision: Decision): string {
  return chosenImage(decision).reference ?? imageOf(decision).reference(decision.cluster);
}
