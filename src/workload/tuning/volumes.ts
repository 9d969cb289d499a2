/** Name of the volume with the rows to train on. */
export const DATA_VOLUME = 'data';
/** Name of the volume that adapter and checkpoints go to. */
export const RESULTS_VOLUME = 'results';
