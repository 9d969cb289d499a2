/** Name of the pod's volume with the weights. */
export const WEIGHTS_VOLUME = 'weights';
