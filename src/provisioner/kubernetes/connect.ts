import type * as ClientNode from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import {
  KubernetesError,
  type Kubernetes,
  type LeaseHolding,
  type LeaseState,
  type NodeState,
  type PodEvent,
} from './api';

const POOL_LABEL = 'kubernetes.azure.com/agentpool';
const UNINITIALIZED_TAINT = 'node.cloudprovider.kubernetes.io/uninitialized';
/** Seconds after which one request to the API server is given up, so that the lease is renewed in time. */
const REQUEST_TIMEOUT_SECONDS = 10;
/** Longest note of an Event (events.k8s.io). */
const MAX_EVENT_MESSAGE = 1024;

/**
 * Connects to the cluster of the pod, or to the one of the kubeconfig.
 *
 * @returns null where there is neither, which is usual on a laptop
 */
export async function connectKubernetes(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Kubernetes | null> {
  const client = await import('@kubernetes/client-node');
  const config = new client.KubeConfig();
  if (environment['KUBECONFIG']) config.loadFromFile(environment['KUBECONFIG']);
  else if (environment['KUBERNETES_SERVICE_HOST']) config.loadFromCluster();
  else {
    config.loadFromDefault();
    // Without any file the client assumes a proxy on localhost:8080.
    if (config.getCurrentCluster()?.server === 'http://localhost:8080') return null;
  }
  const cluster = config.getCurrentCluster();
  if (!cluster) throw new KubernetesError('the kubeconfig names no current cluster', undefined);
  const configuration = client.createConfiguration({
    baseServer: new client.ServerConfiguration(cluster.server, {}),
    authMethods: { default: config },
    promiseMiddleware: [requestTimeout],
  });
  return new ApiServer(client, configuration);
}

/** The client has no time limit of its own. */
const requestTimeout: ClientNode.Middleware = {
  pre: (context) => {
    context.setSignal(AbortSignal.timeout(REQUEST_TIMEOUT_SECONDS * 1000));
    return Promise.resolve(context);
  },
  post: (context) => Promise.resolve(context),
};

class ApiServer implements Kubernetes {
  readonly #core: ClientNode.CoreV1Api;
  readonly #coordination: ClientNode.CoordinationV1Api;

  constructor(
    private readonly client: typeof ClientNode,
    configuration: ClientNode.Configuration,
  ) {
    this.#core = new client.CoreV1Api(configuration);
    this.#coordination = new client.CoordinationV1Api(configuration);
  }

  async nodes(): Promise<readonly NodeState[]> {
    const list = await this.#call('list nodes', () => this.#core.listNode({ labelSelector: POOL_LABEL }));
    return list.items.map(nodeState);
  }

  async readLease(namespace: string, name: string): Promise<LeaseState | undefined> {
    const lease = await this.#unless([404], `read lease ${namespace}/${name}`, () =>
      this.#coordination.readNamespacedLease({ namespace, name }),
    );
    return lease && leaseState(lease);
  }

  async createLease(namespace: string, name: string, holding: LeaseHolding): Promise<LeaseState | undefined> {
    const body = this.#lease({ namespace, name }, holding);
    const lease = await this.#unless([409], `create lease ${namespace}/${name}`, () =>
      this.#coordination.createNamespacedLease({ namespace, body }),
    );
    return lease && leaseState(lease);
  }

  async replaceLease(
    namespace: string,
    name: string,
    holding: LeaseHolding,
    current: LeaseState,
  ): Promise<LeaseState | undefined> {
    const body = this.#lease({ namespace, name, resourceVersion: current.resourceVersion }, holding);
    const lease = await this.#unless([404, 409], `update lease ${namespace}/${name}`, () =>
      this.#coordination.replaceNamespacedLease({ namespace, name, body }),
    );
    return lease && leaseState(lease);
  }

  async createEvent(event: PodEvent): Promise<void> {
    const { CoreV1Event, V1EventSource, V1ObjectMeta, V1ObjectReference } = this.client;
    const { namespace, podName, podUid, type, reason } = event;
    const at = new Date(event.at);
    const body = Object.assign(new CoreV1Event(), {
      metadata: Object.assign(new V1ObjectMeta(), { generateName: 'slipway-provisioner-', namespace }),
      involvedObject: Object.assign(new V1ObjectReference(), {
        apiVersion: 'v1',
        kind: 'Pod',
        namespace,
        name: podName,
        uid: podUid,
      }),
      type,
      reason,
      message: event.message.slice(0, MAX_EVENT_MESSAGE),
      firstTimestamp: at,
      lastTimestamp: at,
      count: 1,
      source: Object.assign(new V1EventSource(), { component: 'slipway-provisioner' }),
    });
    await this.#call('create event', () => this.#core.createNamespacedEvent({ namespace, body }));
  }

  #lease(
    metadata: { namespace: string; name: string; resourceVersion?: string },
    holding: LeaseHolding,
  ): ClientNode.V1Lease {
    const { V1Lease, V1LeaseSpec, V1MicroTime, V1ObjectMeta } = this.client;
    return Object.assign(new V1Lease(), {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: Object.assign(new V1ObjectMeta(), metadata),
      spec: Object.assign(new V1LeaseSpec(), {
        holderIdentity: holding.holder,
        leaseDurationSeconds: holding.durationSeconds,
        leaseTransitions: holding.transitions,
        acquireTime: new V1MicroTime(holding.acquiredAt),
        renewTime: new V1MicroTime(holding.at),
      }),
    });
  }

  async #unless<T>(
    statuses: readonly number[],
    what: string,
    call: () => Promise<T>,
  ): Promise<T | undefined> {
    try {
      return await this.#call(what, call);
    } catch (error) {
      if (error instanceof KubernetesError && error.status && statuses.includes(error.status))
        return undefined;
      throw error;
    }
  }

  async #call<T>(what: string, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      throw toKubernetesError(what, error, this.client);
    }
  }
}

function toKubernetesError(what: string, error: unknown, client: typeof ClientNode): KubernetesError {
  if (!(error instanceof client.ApiException)) {
    const reason = error instanceof Error ? error.message : String(error);
    return new KubernetesError(`cannot ${what}: ${reason}`, undefined, { cause: error });
  }
  const body: unknown = error.body;
  return new KubernetesError(`cannot ${what}: HTTP ${error.code} ${statusMessage(body)}`, error.code, {
    cause: error,
  });
}

/** `message` of the Status object, which comes as an object or as text. */
function statusMessage(body: unknown): string {
  if (typeof body === 'string') {
    try {
      return statusMessage(JSON.parse(body));
    } catch {
      return body.slice(0, MAX_EVENT_MESSAGE);
    }
  }
  return typeof body === 'object' && body !== null && 'message' in body ? String(body.message) : '';
}

function leaseState(lease: ClientNode.V1Lease): LeaseState {
  return {
    holder: lease.spec?.holderIdentity ?? '',
    resourceVersion: lease.metadata?.resourceVersion ?? '',
    transitions: lease.spec?.leaseTransitions ?? 0,
  };
}

function nodeState(node: ClientNode.V1Node): NodeState {
  const ready = node.status?.conditions?.find((condition) => condition.type === 'Ready');
  const allocatable: Record<string, number> = {};
  for (const [resource, quantity] of Object.entries(node.status?.allocatable ?? {})) {
    // Extended resources are whole numbers; memory and the like are of no interest here.
    if (/^\d+$/.test(quantity)) allocatable[resource] = Number(quantity);
  }
  return {
    name: node.metadata?.name ?? '',
    pool: node.metadata?.labels?.[POOL_LABEL] ?? '',
    ready: ready?.status === 'True',
    notReadyReason:
      ready?.status === 'True'
        ? ''
        : [ready?.reason, ready?.message].filter(Boolean).join(': ') || 'no Ready condition yet',
    uninitialized: node.spec?.taints?.some((taint) => taint.key === UNINITIALIZED_TAINT) ?? false,
    allocatable,
  };
}
