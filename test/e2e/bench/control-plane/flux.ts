import type { Cluster } from '../cluster/cluster';
import type { ProgramSpec } from '../process/program';
import { expectOk } from './http';

/** Namespace of Flux. */
export const FLUX_NAMESPACE = 'flux-system';

/** What Flux wants to find before it starts. */
export async function installFlux(cluster: Cluster): Promise<void> {
  await cluster.apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: FLUX_NAMESPACE } }]);
}

/** The kustomize-controller. The part of the source controller is played by `ArtifactServer`. */
export function kustomizeController(
  command: string,
  kubeconfig: string,
  ports: { readonly metrics: number; readonly health: number },
): ProgramSpec {
  const health = `127.0.0.1:${ports.health}`;
  return {
    name: 'kustomize-controller',
    command,
    args: [
      `--metrics-addr=127.0.0.1:${ports.metrics}`,
      `--health-addr=${health}`,
      // A Kustomization that waits for its pods holds a worker.
      '--concurrent=50',
      '--requeue-dependency=1s',
      '--interval-jitter-percentage=0',
      '--no-remote-bases',
    ],
    env: { KUBECONFIG: kubeconfig, RUNTIME_NAMESPACE: FLUX_NAMESPACE },
    ready: async () => {
      await expectOk(`http://${health}/readyz`);
      await expectOk(`http://127.0.0.1:${ports.metrics}/metrics`);
    },
  };
}
