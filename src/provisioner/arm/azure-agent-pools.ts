import type { AgentPool, ManagedCluster } from '@azure/arm-containerservice';
// What `import()` gives in a CommonJS program are the ES module's classes, which TypeScript keeps apart.
import type { ContainerServiceClient, restorePoller } from '@azure/arm-containerservice' with {
  'resolution-mode': 'import',
};
import { ServiceError } from '../faults/fault';
import { toServiceError } from '../faults/from-error';
import type { AgentPools, Operation, OperationProgress, WriteCondition } from './agent-pools';
import { tlsOptions, type AzureConnection } from './connect';
import { Recorder } from './recorder';

/** What both long operations of the SDK have. */
interface SdkPoller {
  submitted(): Promise<void>;
  serialize(): Promise<string>;
  poll(): Promise<unknown>;
  readonly isDone: boolean;
}

/**
 * AgentPools over `@azure/arm-containerservice`. The SDK's own retries are off: what to repeat, and when, depends on
 * the class of the failure, and that is decided in one place for all calls.
 */
export async function connectAgentPools(connection: AzureConnection, now: () => number): Promise<AgentPools> {
  const { ContainerServiceClient: Client } = await import('@azure/arm-containerservice');
  const recorder = new Recorder();
  const { target, credential, endpoint } = connection;
  const client = new Client(credential, target.subscriptionId, {
    retryOptions: { maxRetries: 0 },
    additionalPolicies: [{ policy: recorder.policy(now), position: 'perCall' }],
    userAgentOptions: { userAgentPrefix: 'slipway-provisioner' },
    ...(target.cloud ? { cloudSetting: target.cloud } : {}),
    ...(endpoint ? { endpoint } : {}),
    ...tlsOptions(connection.certificateAuthorities),
  });
  return new AzureAgentPools(client, target.resourceGroup, target.name, recorder);
}

class AzureAgentPools implements AgentPools {
  constructor(
    private readonly client: ContainerServiceClient,
    private readonly resourceGroup: string,
    private readonly clusterName: string,
    private readonly recorder: Recorder,
  ) {}

  cluster(): Promise<ManagedCluster> {
    return this.#call(() => this.client.managedClusters.get(this.resourceGroup, this.clusterName));
  }

  list(): Promise<readonly AgentPool[]> {
    return this.#call(async () => {
      const pools: AgentPool[] = [];
      for await (const pool of this.client.agentPools.list(this.resourceGroup, this.clusterName)) {
        pools.push(pool);
      }
      return pools;
    });
  }

  async get(name: string): Promise<AgentPool | undefined> {
    try {
      return await this.#call(() => this.client.agentPools.get(this.resourceGroup, this.clusterName, name));
    } catch (error) {
      if (error instanceof ServiceError && isMissingPool(error)) return undefined;
      throw error;
    }
  }

  put(name: string, body: AgentPool, condition: WriteCondition): Promise<Operation> {
    const pools = this.client.agentPools;
    return this.#start(
      () =>
        pools.createOrUpdate(this.resourceGroup, this.clusterName, name, body, {
          ...('eTag' in condition ? { ifMatch: condition.eTag } : { ifNoneMatch: '*' }),
        }),
      async (state) => ({ poller: (await restore())(this.client, state, pools.createOrUpdate.bind(pools)) }),
    );
  }

  delete(name: string, eTag: string): Promise<Operation> {
    const pools = this.client.agentPools;
    return this.#start(
      () =>
        pools.delete(this.resourceGroup, this.clusterName, name, {
          ifMatch: eTag,
          ignorePodDisruptionBudget: false,
        }),
      async (state) => ({ poller: (await restore())(this.client, state, pools.delete.bind(pools)) }),
    );
  }

  async #call<T>(call: () => Promise<T>): Promise<T> {
    this.recorder.start();
    try {
      return await call();
    } catch (error) {
      throw toServiceError(error, this.recorder.exchanges);
    }
  }

  /**
   * A poller whose poll met a broken connection or a 429 counts itself as failed for ever. So its state is kept from
   * the moment that Azure accepted the request, and each poll after a failed one starts from there.
   */
  async #start(
    begin: () => SdkPoller,
    resume: (state: string) => Promise<{ poller: SdkPoller }>,
  ): Promise<Operation> {
    // A poller is thenable: to return it from an async function would wait for its end, hence `let` and the box.
    const begun = await this.#call(async () => {
      const poller = begin();
      await poller.submitted();
      return { poller, state: await poller.serialize() };
    });
    const { state } = begun;
    let { poller } = begun;
    let broken = false;
    return {
      poll: () =>
        this.#call(async (): Promise<OperationProgress> => {
          if (broken) ({ poller } = await resume(state));
          broken = true;
          await poller.poll();
          broken = false;
          const retryAfterSeconds = this.recorder.exchanges.at(-1)?.retryAfterSeconds;
          return { done: poller.isDone, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) };
        }),
    };
  }
}

/** A 404 for the pool itself; a missing cluster or resource group is another matter. */
function isMissingPool(error: ServiceError): boolean {
  const { status, code, message } = error.fault;
  if (status !== 404) return false;
  if (code === 'ResourceNotFound') return /agentPools/i.test(message);
  return !['ResourceGroupNotFound', 'ParentResourceNotFound', 'SubscriptionNotFound'].includes(code);
}

async function restore(): Promise<typeof restorePoller> {
  return (await import('@azure/arm-containerservice')).restorePoller;
}
