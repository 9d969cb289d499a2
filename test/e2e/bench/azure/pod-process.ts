import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigMap, Container, Pod, Volume } from 'kubernetes-types/core/v1';
import { parse, stringify } from 'yaml';
import type { Cluster } from '../cluster/cluster';
import type { Manifest } from '../cluster/manifest';
import { atExit } from '../process/at-exit';
import type { Guard } from '../process/guard';

const PROJECT = join(__dirname, '..', '..', '..', '..');
const PROGRAM = join(__dirname, 'slipway.ts');
const TOKEN_SECONDS = 3600;
/** What the kubelet keeps of a termination message. */
const MAX_TERMINATION_BYTES = 4096;
const DEFAULT_TERMINATION_LOG = '/dev/termination-log';

/** What a pod's process is given beside what its own object says. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  /** Stops the process when the bench dies without a chance to. */
  readonly guard: Guard;
}

/** How a container's process ended. */
export interface Ended {
  readonly exitCode: number;
  /** Text of its termination log, as the kubelet would keep it. */
  readonly message: string;
}

/** A container's process that runs. */
export interface PodProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/**
 * Does for one pod what a kubelet does: makes its volumes (ConfigMaps and projected tokens), resolves its environment,
 * asks the API server for the tokens of its service account, and starts its only container's program with its
 * arguments. Paths inside the container become paths below `folder`.
 */
export async function startPodProcess(
  cluster: Cluster,
  pod: Pod,
  folder: string,
  { environment, args, guard }: Surroundings,
): Promise<PodProcess> {
  const [container] = pod.spec?.containers ?? [];
  if (container === undefined) throw new Error('the pod has no container');
  mkdirSync(folder, { recursive: true });
  const paths = await makeVolumes(cluster, pod, container, folder);
  const terminationLog = join(folder, 'termination-log');
  paths.set(container.terminationMessagePath ?? DEFAULT_TERMINATION_LOG, terminationLog);
  const inside = (text: string) =>
    [...paths].reduce((changed, [from, to]) => changed.replaceAll(from, to), text);

  const kubeconfig = join(folder, 'kubeconfig.yaml');
  writeFileSync(kubeconfig, await kubeconfigOf(cluster, pod), { mode: 0o600 });
  const log = openSync(join(folder, 'log'), 'a');
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', PROGRAM, ...(container.args ?? []).map(inside), ...args],
    {
      cwd: PROJECT,
      // A group of its own, by which the guard stops it.
      detached: true,
      stdio: ['ignore', log, log],
      env: {
        PATH: process.env['PATH'],
        HOME: folder,
        KUBECONFIG: kubeconfig,
        ...Object.fromEntries(
          (container.env ?? []).map(({ name, value, valueFrom }) => [
            name,
            inside(value ?? fieldOf(pod, valueFrom?.fieldRef?.fieldPath)),
          ]),
        ),
        ...environment,
      },
    },
  );
  closeSync(log);
  if (child.pid !== undefined) guard.watch(child.pid);
  const forget = atExit(() => child.kill('SIGKILL'));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      forget();
      if (child.pid !== undefined) guard.release(child.pid);
      const text = existsSync(terminationLog) ? readFileSync(terminationLog) : Buffer.alloc(0);
      resolve({
        exitCode: code ?? (signal === 'SIGKILL' ? 137 : 143),
        message: text.subarray(-MAX_TERMINATION_BYTES).toString(),
      });
    });
  });
  return { child, ended };
}

async function makeVolumes(
  cluster: Cluster,
  pod: Pod,
  container: Container,
  folder: string,
): Promise<Map<string, string>> {
  const paths = new Map<string, string>();
  for (const { name, mountPath } of container.volumeMounts ?? []) {
    const volume = pod.spec?.volumes?.find((candidate) => candidate.name === name);
    // The API server adds a token of its own to every pod; the kubeconfig stands for it.
    if (volume === undefined || name.startsWith('kube-api-access-')) continue;
    const target = join(folder, 'volumes', name);
    mkdirSync(target, { recursive: true });
    for (const [file, content] of await contentOf(cluster, pod, volume)) {
      writeFileSync(join(target, file), content);
    }
    paths.set(mountPath, target);
  }
  return paths;
}

async function contentOf(cluster: Cluster, pod: Pod, volume: Volume): Promise<[string, string][]> {
  if (volume.configMap !== undefined) {
    const { data } = await cluster.get<Manifest & Pick<ConfigMap, 'data'>>({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      name: volume.configMap.name ?? '',
      namespace: pod.metadata?.namespace ?? '',
    });
    return Object.entries(data ?? {});
  }
  return Promise.all(
    (volume.projected?.sources ?? []).flatMap(({ serviceAccountToken }) =>
      serviceAccountToken === undefined
        ? []
        : [
            tokenOf(cluster, pod, serviceAccountToken.audience).then((token): [string, string] => [
              serviceAccountToken.path,
              token,
            ]),
          ],
    ),
  );
}

/** A token of the pod's service account, bound to the pod as the kubelet's are. */
async function tokenOf(cluster: Cluster, pod: Pod, audience?: string): Promise<string> {
  const { name = '', namespace = '', uid = '' } = pod.metadata ?? {};
  const { stdout } = await cluster.kubectl([
    ...['create', 'token', pod.spec?.serviceAccountName ?? 'default', `--namespace=${namespace}`],
    ...['--bound-object-kind=Pod', `--bound-object-name=${name}`, `--bound-object-uid=${uid}`],
    `--duration=${TOKEN_SECONDS}s`,
    ...(audience === undefined ? [] : [`--audience=${audience}`]),
  ]);
  return stdout.trim();
}

async function kubeconfigOf(cluster: Cluster, pod: Pod): Promise<string> {
  const config = parse(readFileSync(cluster.kubeconfig, 'utf8')) as { users: readonly { name: string }[] };
  const token = await tokenOf(cluster, pod);
  return stringify({ ...config, users: config.users.map(({ name }) => ({ name, user: { token } })) });
}

function fieldOf({ metadata }: Pod, path: string | undefined): string {
  switch (path) {
    case 'metadata.name':
      return metadata?.name ?? '';
    case 'metadata.namespace':
      return metadata?.namespace ?? '';
    case 'metadata.uid':
      return metadata?.uid ?? '';
    default:
      throw new Error(`the bench does not know field ${path ?? ''} of a pod`);
  }
}
