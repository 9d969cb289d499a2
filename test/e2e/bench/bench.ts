import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AzureStage } from './azure/stage';
import { Cluster } from './cluster/cluster';
import { apiServer, apiServerFiles } from './control-plane/api-server';
import {
  addDefaultProject,
  argoCdController,
  argoCdRepoServer,
  installArgoCd,
} from './control-plane/argo-cd';
import { AuditLog } from './control-plane/audit';
import { controllerManager, scheduler } from './control-plane/controllers';
import { installCrds } from './control-plane/crds';
import { etcd, etcdDataFolder } from './control-plane/etcd';
import { installFlux, kustomizeController } from './control-plane/flux';
import { instanceTypes, type Machine } from './control-plane/instance-types';
import { Karpenter } from './control-plane/karpenter';
import { kwok } from './control-plane/kwok';
import { findRedis, redis } from './control-plane/redis';
import { ArtifactServer } from './delivery/artifact-server';
import { onInterrupt } from './process/interrupt';
import { reservePorts, type PortBlock } from './process/ports';
import { Supervisor } from './process/supervisor';
import { OwnNodes } from './surroundings/own-nodes';
import { Players } from './surroundings/players';
import { makeSurroundings } from './surroundings/surroundings';
import { buildPrograms } from './tools/build';
import type { Engine } from './tree/rendered-tree';

/** What each engine wants to find before it starts. */
const INSTALL: Readonly<Record<Engine, (cluster: Cluster) => Promise<void>>> = {
  argocd: installArgoCd,
  flux: installFlux,
};

/** What a bench is made of. */
export interface BenchOptions {
  /** What Karpenter can buy. */
  readonly machines: readonly Machine[];
  /** Who is to apply something. */
  readonly engines: readonly Engine[];
  /** Says what is going on. */
  readonly report: (line: string) => void;
}

/** A control plane that runs. */
export interface Bench {
  /** Scratch folder of this run; logs are in `logs/`. */
  readonly folder: string;
  readonly cluster: Cluster;
  readonly karpenter: Karpenter;
  readonly artifacts: ArtifactServer;
  /** Azure, for clusters whose nodes are agent pools. */
  readonly azure: AzureStage;
  /** The cluster's owner, for Workspaces on nodes that are there already. */
  readonly ownNodes: OwnNodes;
  /** When objects were made. */
  readonly audit: AuditLog;
  /** Rejects when one of the programs ends again and again. */
  readonly broken: Promise<never>;
  /** Stop everything. @param keepLogs keep the folder for a look at what went wrong. */
  stop(keepLogs: boolean): Promise<void>;
}

/**
 * Start a whole control plane on free ports of 127.0.0.1. Whatever happens to this process, what it started is stopped.
 *
 * @throws with the end of a log when a program does not get ready; nothing is left running then.
 */
export async function startBench(options: BenchOptions): Promise<Bench> {
  const programs = await buildPrograms(options.report);
  const redisCommand = await findRedis(options.report);
  const started = Date.now();
  const folder = mkdtempSync(join(tmpdir(), 'slipway-e2e-'));
  const supervisor = new Supervisor(folder, options.report);
  const ports = await reservePorts(PORTS.length);
  let stopPlayers = async (): Promise<void> => Promise.resolve();
  const end = async (keepLogs: boolean): Promise<void> => {
    await stopPlayers();
    await supervisor.stopAll();
    ports.release();
    forget();
    if (!keepLogs) rmSync(folder, { recursive: true, force: true });
  };
  let ending: Promise<void> | undefined;
  const stop = (keepLogs: boolean): Promise<void> => (ending ??= end(keepLogs));
  const forget = onInterrupt(() => stop(false));
  try {
    const parts = await startControlPlane(programs, redisCommand, folder, supervisor, ports, options);
    const azure = new AzureStage(parts.cluster, options.machines, folder, supervisor.guard);
    const ownNodes = new OwnNodes();
    const players = new Players(parts.cluster, options.report, [
      ownNodes.makeNodes,
      azure.makeNodes,
      azure.runPods,
    ]);
    stopPlayers = async () => {
      await players.stop();
      await azure.stop();
      await parts.artifacts.stop();
      parts.cluster.disconnect();
    };
    options.report(`control plane up in ${((Date.now() - started) / 1000).toFixed(1)} s`);
    return { folder, ...parts, azure, ownNodes, broken: supervisor.broken, stop };
  } catch (error) {
    await stop(true);
    throw error;
  }
}

async function startControlPlane(
  programs: ReadonlyMap<string, string>,
  redisCommand: string,
  folder: string,
  supervisor: Supervisor,
  reserved: PortBlock,
  options: BenchOptions,
): Promise<Pick<Bench, 'cluster' | 'karpenter' | 'artifacts' | 'audit'>> {
  const command = (name: string): string => {
    const path = programs.get(name);
    if (path === undefined) throw new Error(`the bench has no program ${name}`);
    return path;
  };
  const ports = portsByName(reserved.ports);
  const files = apiServerFiles(folder, ports.apiServer);
  const audit = new AuditLog(folder);

  const etcdData = etcdDataFolder();
  supervisor.removeAtEnd(etcdData);
  await supervisor.start(etcd(command('etcd'), etcdData, ports.etcd, ports.etcdPeer));
  await supervisor.start(apiServer(command('kube-apiserver'), files, audit, ports.etcd));
  const cluster = new Cluster(files.kubeconfig, command('kubectl'));

  await Promise.all([
    supervisor.start(
      controllerManager(command('kube-controller-manager'), files, folder, ports.controllerManager),
    ),
    supervisor.start(scheduler(command('kube-scheduler'), files, folder, ports.scheduler)),
    installCrds(cluster, options.engines),
    ...options.engines.map((engine) => INSTALL[engine](cluster)),
  ]);
  await Promise.all([
    makeSurroundings(cluster),
    ...(options.engines.includes('argocd') ? [addDefaultProject(cluster)] : []),
  ]);

  const karpenter = new Karpenter(supervisor, command('karpenter'), files.kubeconfig, folder, {
    metrics: ports.karpenterMetrics,
    health: ports.karpenterHealth,
  });
  const engines: Readonly<Record<Engine, () => Promise<unknown>>> = {
    argocd: async () => {
      await supervisor.start(redis(redisCommand, ports.redis));
      await Promise.all([
        supervisor.start(argoCdRepoServer(command('argocd'), command('kustomize'), ports)),
        supervisor.start(argoCdController(command('argocd'), files.kubeconfig, ports)),
      ]);
    },
    flux: () =>
      supervisor.start(
        kustomizeController(command('kustomize-controller'), files.kubeconfig, {
          metrics: ports.fluxMetrics,
          health: ports.fluxHealth,
        }),
      ),
  };
  const scratch = join(folder, 'artifacts');
  mkdirSync(scratch);
  const [artifacts] = await Promise.all([
    ArtifactServer.start(scratch),
    supervisor.start(kwok(command('kwok'), files.kubeconfig, folder, ports.kwok)),
    karpenter.offer(instanceTypes(options.machines)),
    ...options.engines.map((engine) => engines[engine]()),
  ]);
  return { cluster, karpenter, artifacts, audit };
}

const PORTS = [
  'etcd',
  'etcdPeer',
  'apiServer',
  'controllerManager',
  'scheduler',
  'kwok',
  'karpenterMetrics',
  'karpenterHealth',
  'redis',
  'repoServer',
  'repoServerMetrics',
  'controllerMetrics',
  'fluxMetrics',
  'fluxHealth',
] as const;

type PortName = (typeof PORTS)[number];

function portsByName(numbers: readonly number[]): Readonly<Record<PortName, number>> {
  return Object.fromEntries(PORTS.map((name, index) => [name, numbers[index]])) as Record<PortName, number>;
}
