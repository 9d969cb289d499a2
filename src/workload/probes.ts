import type { Probe } from 'kubernetes-types/core/v1';
import type { Model } from '../catalog/model';
import { STARTUP_PERIOD_SECONDS, startupFailureThreshold } from './startup';

/** Port of the server in every image. */
export const SERVER_PORT = 5000;
export const SERVER_PORT_NAME = 'http';

/** The three probes of a server. */
export interface Probes {
  readonly startupProbe: Probe;
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
}

/** Probes over HTTP: the startup probe alone waits for the weights, so the others may be strict. */
export function httpProbes(model: Model, paths: { startup: string; live: string; ready: string }): Probes {
  const get = (path: string): Probe => ({ httpGet: { path, port: SERVER_PORT_NAME }, timeoutSeconds: 5 });
  return {
    startupProbe: {
      ...get(paths.startup),
      periodSeconds: STARTUP_PERIOD_SECONDS,
      failureThreshold: startupFailureThreshold(model),
    },
    livenessProbe: { ...get(paths.live), periodSeconds: 10, failureThreshold: 3 },
    readinessProbe: { ...get(paths.ready), periodSeconds: 10, failureThreshold: 1 },
  };
}
