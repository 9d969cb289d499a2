import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProgramSpec } from '../process/program';
import type { RunningProgram, Supervisor } from '../process/supervisor';
import { expectOk } from './http';
import type { InstanceType } from './instance-types';

/** Karpenter with the kwok provider, which makes the Node objects itself. */
export class Karpenter {
  #running: RunningProgram | undefined;

  constructor(
    private readonly supervisor: Supervisor,
    private readonly command: string,
    private readonly kubeconfig: string,
    private readonly folder: string,
    private readonly ports: { readonly metrics: number; readonly health: number },
  ) {}

  /**
   * Start it, or start it anew, with what can be bought. It reads that once, at its start.
   *
   * @param meanwhile what happens while it does not run
   */
  async offer(
    types: readonly InstanceType[],
    meanwhile: () => Promise<void> = () => Promise.resolve(),
  ): Promise<void> {
    await this.#running?.stop();
    await meanwhile();
    const file = join(this.folder, 'instance-types.json');
    writeFileSync(file, JSON.stringify(types));
    this.#running = await this.supervisor.start(this.#program(file));
  }

  #program(instanceTypesFile: string): ProgramSpec {
    return {
      name: 'karpenter',
      command: this.command,
      args: [],
      env: {
        KUBECONFIG: this.kubeconfig,
        SYSTEM_NAMESPACE: 'kube-system',
        DISABLE_LEADER_ELECTION: 'true',
        INSTANCE_TYPES_FILE_PATH: instanceTypesFile,
        FEATURE_GATES: 'StaticCapacity=true',
        // A node that was made for a pod is not looked at for twice as long, which is 20 s by default.
        BATCH_MAX_DURATION: '5s',
        METRICS_PORT: String(this.ports.metrics),
        HEALTH_PROBE_PORT: String(this.ports.health),
      },
      ready: async () => {
        await expectOk(`http://127.0.0.1:${this.ports.health}/readyz`);
        // Ready says nothing of the metrics' server, and without one it ends a moment later.
        await expectOk(`http://127.0.0.1:${this.ports.metrics}/metrics`);
      },
    };
  }
}
