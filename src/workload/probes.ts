import type { Probe } from 'kubernetes-types/core/v1';
import type { Decision } from './decision';
import { STARTUP_PERIOD_SECONDS, startupFailureThreshold } from './startup';

/** Port of the server in every image. */
export const SERVER_PORT = 5000;
export const SERVER_PORT_NAME = 'http';
/** Port of the server where a routing sidecar has the other one (KAITO v0.12). */
export const ENGINE_PORT = 5001;
const ENGINE_PORT_NAME = 'engine';

/** The port that the server in its container listens on, and its name. */
export function serverPort({ workspace }: Pick<Decision, 'workspace'>): {
  readonly name: string;
  readonly number: number;
} {
  return workspace.inference?.role?.type === 'decode'
    ? { name: ENGINE_PORT_NAME, number: ENGINE_PORT }
    : { name: SERVER_PORT_NAME, number: SERVER_PORT };
}

/** The three probes of a server. */
export interface Probes {
  readonly startupProbe: Probe;
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
}

/** Probes over HTTP: the startup probe alone waits for the weights, so the others may be strict. */
export function httpProbes(
  decision: Decision,
  paths: { readonly startup: string; readonly live: string; readonly ready: string },
): Probes {
  const { name } = serverPort(decision);
  const get = (path: string): Probe => ({ httpGet: { path, port: name }, timeoutSeconds: 5 });
  return {
    startupProbe: {
      ...get(paths.startup),
      periodSeconds: STARTUP_PERIOD_SECONDS,
      failureThreshold: startupFailureThreshold(decision),
    },
    livenessProbe: { ...get(paths.live), periodSeconds: 10, failureThreshold: 3 },
    readinessProbe: { ...get(paths.ready), periodSeconds: 10, failureThreshold: 1 },
  };
}
