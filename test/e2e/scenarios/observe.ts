import { conditionOf, refOf } from '../bench/cluster/manifest';
import { objectsOf, workloadsOf, type Workload } from '../bench/tree/fleet';
import { everyPodRuns, podsAmong, podsOf, type Pod } from '../checks/nodes';
import { folderOf, renderedNow, type Scenario } from './scenario';

/** What was seen of one Workspace while a change was carried out. */
export interface Observation {
  readonly podsBefore: number;
  readonly podsAfter: number;
  /** Nodes that its pods were on. */
  readonly nodesBefore: number;
  /** Most pods that held GPUs at once. */
  readonly mostPods: number;
  /** Fewest pods that could answer. */
  readonly fewestReady: number;
  /** Pods of before that are still there. */
  readonly keptPods: number;
  /** Nodes of before that pods of the Workspace are still on. */
  readonly keptNodes: number;
  readonly isSameWorkload: boolean;
}

/** Watch the named Workspaces while `change` is carried out, and until their pods run. */
export async function observed(
  scenario: Scenario,
  workspaces: readonly string[],
  change: () => Promise<void>,
): Promise<ReadonlyMap<string, Observation>> {
  const watchers = await Promise.all(workspaces.map((name) => Watcher.start(scenario, name)));
  try {
    await change();
    for (const name of workspaces) await everyPodRuns(scenario.bench.cluster, [workloadOf(scenario, name)]);
  } finally {
    for (const watcher of watchers) watcher.stop();
  }
  return new Map(
    await Promise.all(watchers.map(async (watcher) => [watcher.workspace, await watcher.result()] as const)),
  );
}

/** The workload of a Workspace, as it is rendered now. */
function workloadOf(scenario: Scenario, workspace: string): Workload {
  const rendered = renderedNow(scenario);
  const workload = workloadsOf(objectsOf(rendered)).find((one) =>
    folderOf(rendered.folders, one).path.endsWith(`/${workspace}`),
  );
  if (workload === undefined) throw new Error(`Workspace ${workspace} runs nothing`);
  return workload;
}

interface State {
  readonly pods: ReadonlySet<string>;
  readonly nodes: ReadonlySet<string>;
  readonly uid: string | undefined;
}

/** Counts pods after every single change of one: what lasts for a moment only is seen, too. */
class Watcher {
  #mostPods = 0;
  #fewestReady = Number.POSITIVE_INFINITY;
  #end: () => void = () => undefined;

  private constructor(
    private readonly scenario: Scenario,
    readonly workspace: string,
    private readonly workload: Workload,
    private readonly before: State,
  ) {}

  static async start(scenario: Scenario, workspace: string): Promise<Watcher> {
    const workload = workloadOf(scenario, workspace);
    const watcher = new Watcher(scenario, workspace, workload, await stateOf(scenario, workload));
    watcher.#end = await scenario.bench.cluster.watch(
      'v1',
      'Pod',
      workload.metadata.namespace ?? 'default',
      (pods) => {
        watcher.#count(pods as readonly Pod[]);
      },
    );
    return watcher;
  }

  /** @throws what went wrong with watching */
  stop(): void {
    this.#end();
  }

  async result(): Promise<Observation> {
    const { before } = this;
    const after = await stateOf(this.scenario, workloadOf(this.scenario, this.workspace));
    const kept = (names: ReadonlySet<string>, now: ReadonlySet<string>): number =>
      [...names].filter((name) => now.has(name)).length;
    return {
      podsBefore: before.pods.size,
      podsAfter: after.pods.size,
      nodesBefore: before.nodes.size,
      mostPods: this.#mostPods,
      fewestReady: this.#fewestReady,
      keptPods: kept(before.pods, after.pods),
      keptNodes: kept(before.nodes, after.nodes),
      isSameWorkload: before.uid === after.uid,
    };
  }

  #count(all: readonly Pod[]): void {
    const pods = podsAmong(all, this.workload);
    this.#mostPods = Math.max(this.#mostPods, pods.length);
    const ready = pods.filter((pod) => conditionOf(pod, 'Ready')?.status === 'True').length;
    this.#fewestReady = Math.min(this.#fewestReady, ready);
  }
}

async function stateOf({ bench: { cluster } }: Scenario, workload: Workload): Promise<State> {
  const pods = await podsOf(cluster, workload);
  return {
    pods: new Set(pods.map(({ metadata }) => metadata.uid ?? metadata.name)),
    nodes: new Set(pods.flatMap(({ spec }) => spec.nodeName ?? [])),
    uid: (await cluster.get(refOf(workload))).metadata.uid,
  };
}
