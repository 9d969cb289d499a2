import { join } from 'node:path';
import type { ProgramSpec } from '../process/program';
import type { ApiServerFiles } from './api-server';
import { expectOk } from './http';
import { readFileSync } from 'node:fs';

/** kube-controller-manager. */
export function controllerManager(
  command: string,
  files: ApiServerFiles,
  folder: string,
  port: number,
): ProgramSpec {
  const certificates = join(folder, 'controller-manager');
  return {
    name: 'kube-controller-manager',
    command,
    args: [
      ...shared(files, certificates, port),
      `--service-account-private-key-file=${files.serviceAccountKey}`,
      '--use-service-account-credentials=false',
      // It would call every autoscaler broken, since the bench has no metrics; the bench plays it.
      '--controllers=*,-horizontal-pod-autoscaler-controller',
      // On a starved machine kwok's heartbeats come late. A node that is called stale takes its pods' readiness with it, and kwok
      // does not give that back; the checks lose nodes by deleting them.
      '--node-monitor-grace-period=600s',
      // Two hundred Workspaces at once must not wait for a client-side rate limit.
      '--kube-api-qps=300',
      '--kube-api-burst=600',
    ],
    ready: () => healthz(certificates, 'kube-controller-manager', port),
  };
}

/** kube-scheduler. */
export function scheduler(command: string, files: ApiServerFiles, folder: string, port: number): ProgramSpec {
  const certificates = join(folder, 'scheduler');
  return {
    name: 'kube-scheduler',
    command,
    args: shared(files, certificates, port),
    ready: () => healthz(certificates, 'kube-scheduler', port),
  };
}

function shared(files: ApiServerFiles, certificates: string, port: number): readonly string[] {
  return [
    `--kubeconfig=${files.kubeconfig}`,
    `--authentication-kubeconfig=${files.kubeconfig}`,
    `--authorization-kubeconfig=${files.kubeconfig}`,
    '--leader-elect=false',
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    `--cert-dir=${certificates}`,
  ];
}

function healthz(certificates: string, name: string, port: number): Promise<void> {
  return expectOk(
    `https://127.0.0.1:${port}/healthz`,
    readFileSync(join(certificates, `${name}.crt`), 'utf8'),
  );
}
