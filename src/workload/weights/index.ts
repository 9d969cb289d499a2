export { weightsVolumeBytes } from './bytes';
export { nodeFolder } from './node-volume';
export { addWeights } from './objects';
export { isFromHub, weightsField, weightsOf, weightsPlace, weightsReference } from './source';
export { weightsSteps } from './steps';
export { localModelFolder, weightsMount, weightsVolume } from './volume';
