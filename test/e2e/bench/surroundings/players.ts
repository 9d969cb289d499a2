import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../cluster/cluster';
import { absentControllers } from './absent-controllers';
import { leaderWorkerSets } from './leader-worker-sets';
import { provisionVolumes } from './storage';

/** How long after its last look each player looks again. */
const PAUSE_MILLISECONDS = 500;

/** Those parts of a cloud that the bench plays itself. They work until `stop`. */
export class Players {
  #stopped = false;
  readonly #work: Promise<unknown>;

  /** @param more parts that need more than the cluster */
  constructor(
    cluster: Cluster,
    report: (line: string) => void,
    more: readonly ((cluster: Cluster) => Promise<void>)[],
  ) {
    this.#work = Promise.all(
      [provisionVolumes, absentControllers, leaderWorkerSets, ...more].map((play) =>
        this.#repeat(cluster, play, report),
      ),
    );
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#work;
  }

  async #repeat(
    cluster: Cluster,
    play: (cluster: Cluster) => Promise<void>,
    report: (line: string) => void,
  ): Promise<void> {
    let said = '';
    while (!this.#stopped) {
      try {
        await play(cluster);
      } catch (error) {
        // An object that is deleted meanwhile is no reason to stop; the same complaint is made once.
        const message = `${play.name}: ${error instanceof Error ? error.message : String(error)}`;
        if (message !== said && !this.#isStopped()) report(message);
        said = message;
      }
      await sleep(PAUSE_MILLISECONDS);
    }
  }

  #isStopped(): boolean {
    return this.#stopped;
  }
}
