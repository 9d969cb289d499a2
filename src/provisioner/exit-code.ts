/** How the program ends. `podFailurePolicy` of the Job does not repeat 2, 3, 4, 5 and 7. */
export const EXIT = {
  converged: 0,
  /** Internal error, or a transient one that did not go away. */
  internal: 1,
  /** Bad document or arguments, wrong or stopped cluster, or a request that Azure calls illegal. */
  invalid: 2,
  /** A pool differs in a way that cannot, or may not, be mended in place. */
  drift: 3,
  /** A pool of that name belongs to someone else. */
  foreign: 4,
  /** No quota, size or capacity, after all candidates. */
  unavailable: 5,
  /** Another run, or another operation of the cluster, did not end in time. */
  busy: 6,
  /** No token, or not allowed. */
  unauthorized: 7,
  /** Azure, nodes or GPUs not ready in time. */
  notReady: 8,
  /** `plan` and `prune` without `--yes`: there is something to do. */
  changes: 10,
  /** Stopped by SIGTERM. */
  terminated: 143,
} as const;

/** One of the documented exit codes. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Where pools end differently: what a further run may mend comes first, so that the Job is run again. */
const PRECEDENCE: readonly ExitCode[] = [
  EXIT.terminated,
  EXIT.internal,
  EXIT.busy,
  EXIT.notReady,
  EXIT.unauthorized,
  EXIT.invalid,
  EXIT.foreign,
  EXIT.drift,
  EXIT.unavailable,
  EXIT.changes,
];

/** The exit code of a run whose parts ended with `codes`. */
export function combineExitCodes(codes: readonly ExitCode[]): ExitCode {
  return PRECEDENCE.find((code) => codes.includes(code)) ?? EXIT.converged;
}
