// A run of the real program in a process of its own, on a clock on which waiting takes no time. Bundled by kill.test.ts.
// Without KUBECONFIG it sees a cluster without nodes, which spares it the loading of Kubernetes' large client.
import { setTimeout as delay } from 'node:timers/promises';
import { connectAgentPools } from '../../../src/provisioner/arm/azure-agent-pools';
import { provisionCommand } from '../../../src/provisioner/cli';
import type { Clock } from '../../../src/provisioner/clock';
import type { Kubernetes } from '../../../src/provisioner/kubernetes/api';
import { systemRuntime } from '../../../src/provisioner/runtime';

let waited = 0;
const clock: Clock = {
  now: () => Date.now() + waited,
  sleep: async (milliseconds, signal) => {
    waited += milliseconds;
    await delay(1, undefined, signal ? { signal } : {});
  },
  random: () => 0.5,
};

const noNodes: Kubernetes = {
  nodes: () => Promise.resolve([]),
  readLease: () => Promise.resolve(undefined),
  createLease: () => Promise.resolve(undefined),
  replaceLease: () => Promise.resolve(undefined),
  createEvent: () => Promise.resolve(),
};

void provisionCommand({
  ...systemRuntime,
  clock,
  connectKubernetes: () =>
    process.env['KUBECONFIG'] ? systemRuntime.connectKubernetes() : Promise.resolve(noNodes),
  connectAzure: (connection) => connectAgentPools(connection, () => clock.now()),
}).parseAsync(process.argv.slice(2), { from: 'user' });
