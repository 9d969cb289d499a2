import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import type { Cluster } from '../cluster/cluster';
import type { Manifest, Metadata } from '../cluster/manifest';
import type { ProgramSpec } from '../process/program';
import { expectOk } from './http';

/** Namespace of Argo CD. */
export const ARGO_CD_NAMESPACE = 'argocd';

const HEALTH_PACK = join(__dirname, '..', '..', '..', '..', 'docs', 'argocd-health.yaml');

/** Longest that a starved machine may take to render a folder. */
const RENDER_SECONDS = 180;

/** Where the parts of Argo CD listen. */
export interface ArgoCdPorts {
  readonly redis: number;
  readonly repoServer: number;
  readonly repoServerMetrics: number;
  readonly controllerMetrics: number;
}

/** What Argo CD wants to find before it starts, with the health checks that the documentation says to merge into `argocd-cm`. */
export async function installArgoCd(cluster: Cluster): Promise<void> {
  const metadata = (name: string): Metadata => ({
    name,
    namespace: ARGO_CD_NAMESPACE,
    labels: { 'app.kubernetes.io/part-of': 'argocd' },
  });
  const healthPack = parse(readFileSync(HEALTH_PACK, 'utf8')) as {
    readonly data: Readonly<Record<string, string>>;
  };
  await cluster.apply([
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: ARGO_CD_NAMESPACE } },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: metadata('argocd-cm'), data: healthPack.data },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: metadata('argocd-rbac-cm') },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: metadata('argocd-secret'),
      // Signs sessions of a server that the bench does not run; the settings are refused without it.
      stringData: { 'server.secretkey': 'not-a-secret' },
    },
  ]);
}

/** The project that Argo CD's server, which the bench does not run, makes for itself. */
const defaultProject: Manifest = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'AppProject',
  metadata: { name: 'default', namespace: ARGO_CD_NAMESPACE },
  spec: {
    sourceRepos: ['*'],
    destinations: [{ server: '*', namespace: '*' }],
    clusterResourceWhitelist: [{ group: '*', kind: '*' }],
  },
};

/** Make the project that Applications may name once the CRDs are served. */
export async function addDefaultProject(cluster: Cluster): Promise<void> {
  await cluster.apply([defaultProject]);
}

/** The repo server, which renders folders with kustomize. */
export function argoCdRepoServer(command: string, kustomize: string, ports: ArgoCdPorts): ProgramSpec {
  const metrics = `127.0.0.1:${ports.repoServerMetrics}`;
  return {
    name: 'argocd-repo-server',
    command: namedLikeIts(command, 'argocd-repo-server'),
    args: [
      '--disable-tls',
      '--address=127.0.0.1',
      `--port=${ports.repoServer}`,
      '--metrics-address=127.0.0.1',
      `--metrics-port=${ports.repoServerMetrics}`,
      `--redis=127.0.0.1:${ports.redis}`,
    ],
    env: {
      // For git and kustomize, which take a second.
      ARGOCD_EXEC_TIMEOUT: `${RENDER_SECONDS}s`,
      PATH: `${dirname(kustomize)}:${process.env['PATH'] ?? ''}`,
      ARGOCD_GPG_ENABLED: 'false',
    },
    ready: () => expectOk(`http://${metrics}/metrics`),
  };
}

/** The application controller, which compares, applies, prunes and judges. */
export function argoCdController(command: string, kubeconfig: string, ports: ArgoCdPorts): ProgramSpec {
  return {
    name: 'argocd-application-controller',
    command: namedLikeIts(command, 'argocd-application-controller'),
    args: [
      `--kubeconfig=${kubeconfig}`,
      `--namespace=${ARGO_CD_NAMESPACE}`,
      `--repo-server=127.0.0.1:${ports.repoServer}`,
      '--repo-server-plaintext',
      `--repo-server-timeout-seconds=${RENDER_SECONDS}`,
      `--redis=127.0.0.1:${ports.redis}`,
      `--metrics-port=${ports.controllerMetrics}`,
      // On a busy machine a comparison may fail once; Argo CD's own two minutes would be long to wait for the next.
      '--app-resync=30',
      '--app-resync-jitter=0',
      '--self-heal-timeout-seconds=1',
      // What the user interface shows beside each resource, written down where the checks can read it.
      '--persist-resource-health',
    ],
    env: {
      KUBECONFIG: kubeconfig,
      ARGOCD_GPG_ENABLED: 'false',
      ARGOCD_FAKE_IN_CLUSTER: 'true',
      // Time for other controllers to see what a wave has changed, in seconds: those of the bench are quick. Two by default.
      ARGOCD_SYNC_WAVE_DELAY: '1',
    },
    ready: () => expectOk(`http://127.0.0.1:${ports.controllerMetrics}/healthz`),
  };
}

/** Argo CD is one program that chooses what to be by its name. */
function namedLikeIts(command: string, name: string): string {
  const link = join(dirname(command), name);
  if (!existsSync(link)) symlinkSync(command, link);
  return link;
}
