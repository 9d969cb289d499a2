import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Pod } from 'kubernetes-types/core/v1';
import { FakeAzure, type AzureTarget } from '../../../provisioner/fake/azure';
import { makeCertificate } from '../../../provisioner/fake/certificate';
import type { Cluster } from '../cluster/cluster';
import type { Manifest } from '../cluster/manifest';
import type { Machine } from '../control-plane/instance-types';
import type { Guard } from '../process/guard';
import { makeAgentPoolNodes } from './agent-pool-nodes';
import { startPodProcess, type Ended, type PodProcess, type Surroundings } from './pod-process';

/** Pods of the provisioner's Job. */
const PROVISIONER = 'app.kubernetes.io/name=slipway-provisioner';
/** The one service account that Entra ID knows, and what its token has to be meant for. */
const SUBJECT = /^system:serviceaccount:[a-z0-9-]+:slipway-provisioner$/;
const AUDIENCE = 'api://AzureADTokenExchange';
/** The time that Azure takes for one operation on a pool. */
const OPERATION_MILLISECONDS = 2000;

/** A pod as the API server has it. */
export type LivePod = Pod & Manifest;

/**
 * Azure and the kubelet of system nodes: pods of the provisioner's Job run the real program with their own service
 * account's tokens against an Azure with state, and the nodes of its agent pools come and go.
 */
export class AzureStage {
  readonly #certificate = makeCertificate();
  readonly #folder: string;
  readonly #processes = new Map<string, PodProcess>();
  readonly #epoch = Date.now();
  #azure: FakeAzure | undefined;
  /** Pools on whose nodes the device plugin does not run. */
  readonly withoutDevicePlugin = new Set<string>();
  /** Called when Azure comes into being, before anything is asked of it. */
  prepare: (azure: FakeAzure) => void = () => undefined;

  constructor(
    private readonly cluster: Cluster,
    private readonly machines: readonly Machine[],
    folder: string,
    private readonly guard: Guard,
  ) {
    this.#folder = join(folder, 'azure');
    mkdirSync(this.#folder, { recursive: true });
    writeFileSync(this.#caFile, this.#certificate.cert);
  }

  /** @throws before the first pod of a provisioner has been started. */
  get azure(): FakeAzure {
    if (this.#azure === undefined) throw new Error('no provisioner has run yet');
    return this.#azure;
  }

  /** Where the log and the files of a pod's process are. */
  folderOf(pod: LivePod): string {
    return join(this.#folder, pod.metadata.name);
  }

  get #caFile(): string {
    return join(this.#folder, 'ca.crt');
  }

  /** Stop what runs. */
  async stop(): Promise<void> {
    for (const { child, ended } of this.#processes.values()) {
      child.kill('SIGKILL');
      await ended;
    }
    await this.#azure?.close();
  }

  /** Nodes of the pools, as they are now. */
  readonly makeNodes = async (): Promise<void> => {
    if (this.#azure === undefined) return;
    await makeAgentPoolNodes(
      this.cluster,
      this.#azure,
      this.machines,
      (pool) => !this.withoutDevicePlugin.has(pool),
    );
  };

  /** Start the program of each pod that the scheduler has found a node for. */
  readonly runPods = async (): Promise<void> => {
    const pods = await this.cluster.list<LivePod>('v1', 'Pod', { labelSelector: PROVISIONER });
    for (const pod of pods) {
      const uid = pod.metadata.uid ?? '';
      const isWaiting = pod.spec?.nodeName !== undefined && pod.status?.phase === 'Running';
      if (!isWaiting || this.#processes.has(uid)) continue;
      const process = await this.start(pod);
      this.#processes.set(uid, process);
      void process.ended.then((ended) => this.#tell(pod, ended));
    }
  };

  /** Start the program of a pod. @param more arguments besides the pod's own */
  async start(pod: LivePod, more: readonly string[] = []): Promise<PodProcess> {
    this.#azure ??= await this.#makeAzure(pod);
    const surroundings: Surroundings = {
      environment: { AZURE_AUTHORITY_HOST: this.#azure.endpoint, SLIPWAY_E2E_EPOCH: String(this.#epoch) },
      args: [
        ...['--arm-endpoint', this.#azure.endpoint, '--ca-file', this.#caFile, '--no-instance-discovery'],
        ...more,
      ],
      guard: this.guard,
    };
    return startPodProcess(this.cluster, pod, this.folderOf(pod), surroundings);
  }

  async #makeAzure(pod: LivePod): Promise<FakeAzure> {
    const clock = { now: () => Date.now(), advance: () => undefined };
    const azure = new FakeAzure(clock, this.#certificate, await targetOf(this.cluster, pod));
    azure.operationMs = OPERATION_MILLISECONDS;
    azure.acceptsAssertion = (token) => isOurIdentity(this.cluster, token);
    await azure.listen();
    this.prepare(azure);
    return azure;
  }

  /** What the kubelet writes when a container has ended. */
  async #tell(pod: LivePod, { exitCode, message }: Ended): Promise<void> {
    const [container] = pod.spec?.containers ?? [];
    const now = new Date().toISOString();
    const terminated = {
      exitCode,
      message,
      reason: exitCode === 0 ? 'Completed' : 'Error',
      startedAt: now,
      finishedAt: now,
    };
    const { name, namespace = '' } = pod.metadata;
    await this.cluster
      .patch(
        { apiVersion: 'v1', kind: 'Pod', name, namespace },
        {
          status: {
            phase: exitCode === 0 ? 'Succeeded' : 'Failed',
            containerStatuses: [
              {
                name: container?.name,
                image: container?.image,
                imageID: '',
                ready: false,
                restartCount: 0,
                started: false,
                state: { terminated },
              },
            ],
          },
        },
        'status',
      )
      // The Job may be gone by now.
      .catch(() => undefined);
  }
}

/** The AKS cluster and the identity that a pod's document and environment name. */
async function targetOf(cluster: Cluster, pod: LivePod): Promise<AzureTarget> {
  const volume = pod.spec?.volumes?.find(({ configMap }) => configMap !== undefined);
  const map = await cluster.get<Manifest & { readonly data: Readonly<Record<string, string>> }>({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    name: volume?.configMap?.name ?? '',
    namespace: pod.metadata.namespace ?? '',
  });
  const document = JSON.parse(map.data['pools.json'] ?? '') as {
    readonly cluster: {
      readonly subscriptionId: string;
      readonly resourceGroup: string;
      readonly name: string;
    };
  };
  const [container] = pod.spec?.containers ?? [];
  const variable = (name: string) =>
    container?.env?.find((candidate) => candidate.name === name)?.value ?? '';
  return {
    subscription: document.cluster.subscriptionId,
    resourceGroup: document.cluster.resourceGroup,
    cluster: document.cluster.name,
    tenant: variable('AZURE_TENANT_ID'),
    client: variable('AZURE_CLIENT_ID'),
  };
}

/** What Entra ID does with a federated credential: the issuer's word for the token, its subject and its audience. */
async function isOurIdentity(cluster: Cluster, token: string): Promise<boolean> {
  const { stdout } = await cluster.kubectl(
    ['create', '--filename=-', '--output=json'],
    JSON.stringify({
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      spec: { token, audiences: [AUDIENCE] },
    }),
  );
  const { status } = JSON.parse(stdout) as {
    readonly status?: {
      readonly authenticated?: boolean;
      readonly audiences?: readonly string[];
      readonly user?: { readonly username?: string };
    };
  };
  return (
    status?.authenticated === true &&
    status.audiences?.includes(AUDIENCE) === true &&
    SUBJECT.test(status.user?.username ?? '')
  );
}
