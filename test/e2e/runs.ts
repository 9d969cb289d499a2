import { join } from 'node:path';
import { PACKAGED_CLOUDS, readPackagedMachines } from '../../src/catalog/packaged';
import { startBench, type Bench } from './bench/bench';
import { instanceTypes } from './bench/control-plane/instance-types';
import { ArgoCdDelivery } from './bench/delivery/argo-cd';
import type { Delivery } from './bench/delivery/delivery';
import { FluxDelivery } from './bench/delivery/flux';
import { GitRepository } from './bench/delivery/git-repository';
import { copyForBench } from './bench/tree/copy';
import { objectsOf } from './bench/tree/fleet';
import { madeGroups } from './bench/tree/made-groups';
import {
  readRenderedCluster,
  readRenderedTree,
  type Engine,
  type RenderedCluster,
} from './bench/tree/rendered-tree';
import { consolidateAtOnce } from './bench/tree/consolidate-at-once';
import { ServingNodes } from './checks/serving-nodes';
import type { Runner } from './runner';
import { ASKING_CLUSTER, confirmation } from './scenarios/confirmation';
import { CONSOLIDATED_CLUSTER, consolidation } from './scenarios/consolidation';
import { everything, operated, operatedAndFailing } from './plays';
import { POOLS_CLUSTER, provisioner } from './scenarios/provisioner';
import { LARGE_CLUSTER, scale } from './scenarios/scale';
import type { Scenario } from './scenarios/scenario';
import { UPDATED_CLUSTER, updates } from './scenarios/updates';

/** A small fleet written by hand, with what the examples lack: a tuning Job with a claim, under Flux. */
const FIXTURE = join(__dirname, 'fixtures');

/** One cluster of a rendered tree, on a control plane of its own. */
export interface Run {
  /** Folder with the project's `gitops/`; the scenario renders its own when there is none. */
  readonly project?: string;
  readonly cluster: string;
  readonly engine: Engine;
  /** What it proves, for people who choose. */
  readonly about: string;
  readonly play: (scenario: Scenario) => Promise<void>;
  /** Takes its time and tells of no single example: left out of `npm run verify`. @default false */
  readonly isOptional?: boolean;
}

/**
 * Every cluster of a project, the fixture, and what is rendered for updates, for consolidation and for size. Each cluster is also operated on;
 * things go wrong on the largest one of Argo CD and on the fixture, which Flux applies. The longest come first, since others go
 * on beside them.
 */
export function runs(project: string): readonly Run[] {
  const largest = largestOfArgoCd(project);
  const examples = readRenderedTree(project).flatMap(({ name, engines }) =>
    (Object.keys(engines) as Engine[]).map((engine) => ({ project, cluster: name, engine })),
  );
  const isLargest = ({ cluster }: { readonly cluster: string }): boolean => cluster === largest.name;
  const ofExample = { about: 'an example: applied, operated on, put right' };
  return [
    ...examples
      .filter(isLargest)
      .map((run) => ({ ...run, about: 'the largest example: and things go wrong', play: everything })),
    {
      project: FIXTURE,
      cluster: 'bench',
      engine: 'flux',
      about: 'a small tree written by hand: and things go wrong under Flux',
      play: operatedAndFailing,
    },
    {
      cluster: POOLS_CLUSTER,
      engine: 'flux',
      about: 'agent pools, made by the shipped Job in an Azure that is played',
      play: provisioner,
    },
    {
      cluster: CONSOLIDATED_CLUSTER,
      engine: 'flux',
      about: 'Karpenter wants to consolidate a node that serves, and may not',
      play: consolidation,
    },
    {
      cluster: UPDATED_CLUSTER,
      engine: 'argocd',
      about: 'what each change of a Workspace does to what runs',
      play: updates,
    },
    ...examples.filter((run) => !isLargest(run)).map((run) => ({ ...run, ...ofExample, play: operated })),
    {
      cluster: ASKING_CLUSTER,
      engine: 'argocd',
      about: "what waits for an answer with pruneProtection: 'confirm'",
      play: confirmation,
      isOptional: true,
    },
    {
      cluster: LARGE_CLUSTER,
      engine: 'flux',
      about: '200 Workspaces in one commit',
      play: scale,
      isOptional: true,
    },
  ];
}

/** The cluster with the most Workspaces that Argo CD applies. */
export function largestOfArgoCd(project: string): RenderedCluster {
  const [largest] = readRenderedTree(project)
    .filter(({ engines }) => engines.argocd !== undefined)
    .sort((a, b) => b.folders.length - a.folders.length);
  if (largest === undefined)
    throw new Error(`${project} renders no cluster for Argo CD: run \`npx cdk8s synth\` first`);
  return largest;
}

/** Play one run on a control plane that is started for it and stopped after it; logs are kept when a check fails. */
export async function onFreshBench(run: Run, runner: Runner): Promise<void> {
  const failures = runner.counts.failed;
  const { bench, scenario } = await prepare(run, runner);
  if (run.project !== undefined) {
    consolidateAtOnce(scenario.repository.folder);
    await scenario.repository.commit('Let Karpenter consolidate at once');
  }
  let isOver = false;
  try {
    await Promise.race([run.play(scenario), bench.broken]);
    isOver = true;
  } finally {
    const keepsLogs = !isOver || runner.counts.failed > failures;
    await bench.stop(keepsLogs);
    if (keepsLogs) runner.print(`  logs are kept in ${bench.folder}/logs`);
  }
}

/** Start a control plane and put the run's tree into a Git repository beside it. */
export async function prepare(
  run: Pick<Run, 'project' | 'cluster' | 'engine'>,
  runner: Runner,
): Promise<{ bench: Bench; scenario: Scenario }> {
  const bench = await benchWithCatalogue(runner.print, [run.engine]);
  const repository = await GitRepository.create(join(bench.folder, 'repository'));
  if (run.project !== undefined) {
    copyForBench(run.project, repository.folder, repository.url);
    await repository.commit('Render the fleet');
  }
  bench.ownNodes.isAsked = memoized(
    () => repository.head(),
    () => madeGroups(objectsOf(readRenderedCluster(repository.folder, run.cluster))).size === 0,
  );
  const delivery = deliveryOf(run.engine, bench, repository);
  return {
    bench,
    scenario: {
      bench,
      runner,
      repository,
      delivery,
      clusterName: run.cluster,
      engine: run.engine,
      servingNodes: new ServingNodes(bench.cluster),
      instanceTypes: catalogue,
    },
  };
}

/** What `value` says, asked anew when `key` is another. */
function memoized<T>(key: () => Promise<string>, value: () => T): () => Promise<T> {
  const known = new Map<string, T>();
  return async () => {
    const now = await key();
    const answer = known.get(now) ?? value();
    known.set(now, answer);
    return answer;
  };
}

const machines = PACKAGED_CLOUDS.flatMap(readPackagedMachines);
const catalogue = instanceTypes(machines);

/** A control plane whose Karpenter can buy every machine type of the catalogue. */
export function benchWithCatalogue(
  print: (line: string) => void,
  engines: readonly Engine[],
): Promise<Bench> {
  return startBench({
    machines,
    engines,
    report: (line) => {
      print(`  ${line}`);
    },
  });
}

function deliveryOf(
  engine: Engine,
  { cluster, audit, artifacts }: Bench,
  repository: GitRepository,
): Delivery {
  return engine === 'argocd'
    ? new ArgoCdDelivery(cluster, repository, audit)
    : new FluxDelivery(cluster, repository, artifacts);
}
