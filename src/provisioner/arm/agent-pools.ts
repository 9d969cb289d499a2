import type { AgentPool, ManagedCluster } from '@azure/arm-containerservice';

/** On which state of the pool a write depends: `absent` sends `If-None-Match: *`, an eTag sends `If-Match`. */
export type WriteCondition = { readonly absent: true } | { readonly eTag: string };

/** A long operation that Azure has accepted. */
export interface Operation {
  /**
   * Asks once how it stands.
   *
   * @throws ServiceError when the operation failed, or when the question did; after the latter it can be asked again
   */
  poll(): Promise<OperationProgress>;
}

/** Answer to one poll. */
export interface OperationProgress {
  readonly done: boolean;
  /** What Azure asks to wait before the next poll. */
  readonly retryAfterSeconds?: number;
}

/** The agent pools of one cluster. Every method throws ServiceError and nothing else of the service. */
export interface AgentPools {
  cluster(): Promise<ManagedCluster>;
  list(): Promise<readonly AgentPool[]>;
  /** Undefined when there is no such pool. */
  get(name: string): Promise<AgentPool | undefined>;
  put(name: string, body: AgentPool, condition: WriteCondition): Promise<Operation>;
  /** Respects PodDisruptionBudgets. A pool that is gone already is a success. */
  delete(name: string, eTag: string): Promise<Operation>;
}
