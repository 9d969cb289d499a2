/** Exit codes of the commands that render and size. */

/** It was done. */
export const EXIT_OK = 0;
/** It failed for a reason of ours, or of the machine's. */
export const EXIT_INTERNAL = 1;
/** The input is wrong: arguments, files, or a model that does not fit. */
export const EXIT_INVALID = 2;
