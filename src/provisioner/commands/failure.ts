import { EXIT } from '../exit-code';
import { serviceFault } from '../faults/fault';
import { KubernetesError } from '../kubernetes/api';
import { LeaseLostError } from '../kubernetes/lease';
import { adviceFor, exitCodeOf } from '../faults/consequence';
import { faultText } from '../report/event';
import { RunError } from './begin';
import type { RunResult } from './result';

/** The result of a run that `error` ended. */
export function resultOfError(error: unknown, stopped: boolean): RunResult {
  const failed = (exitCode: RunResult['exitCode'], failure: string): RunResult => ({
    exitCode,
    failure,
    pools: [],
  });
  if (stopped) {
    return failed(EXIT.terminated, 'stopped; run again: it continues where this run stopped');
  }
  const fault = serviceFault(error);
  if (fault) return failed(exitCodeOf(fault.class), `${faultText(fault)}; ${adviceFor(fault.class)}`);
  if (error instanceof RunError) return failed(error.exitCode, error.message);
  if (error instanceof LeaseLostError) return failed(EXIT.busy, `${error.message}; run again`);
  if (error instanceof KubernetesError) {
    return error.status === 401 || error.status === 403
      ? failed(EXIT.unauthorized, `${error.message}; check the ClusterRole and Role of the service account`)
      : failed(EXIT.internal, error.message);
  }
  return failed(EXIT.internal, error instanceof Error ? (error.stack ?? error.message) : String(error));
}
