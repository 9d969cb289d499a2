import type {
  Kubernetes,
  LeaseHolding,
  LeaseState,
  NodeState,
  PodEvent,
} from '../../../src/provisioner/kubernetes/api';
import type { FakeAzure } from './azure';
import type { FakeClock } from './clock';

/** Kubernetes in memory: nodes appear some time after their pool has succeeded, and offer GPUs some time after that. */
export class FakeKubernetes implements Kubernetes {
  readonly events: PodEvent[] = [];
  readonly leases = new Map<string, LeaseState>();
  nodeDelayMs = 60_000;
  gpuDelayMs = 30_000;
  /** GPUs of one node. */
  gpus = 1;
  /** Nodes that are there whatever Azure says. */
  extraNodes: NodeState[] = [];
  /** Thrown by the next calls of `nodes`. */
  readonly nodeErrors: Error[] = [];
  /** Called before each write of a lease. */
  beforeLeaseWrite: () => void = () => undefined;
  /** Called after a request had its effect and before it is answered; counts from 0. */
  onHandled: (index: number) => Promise<void> | void = () => undefined;
  #requests = 0;
  readonly #succeededAt = new Map<string, number>();
  #version = 0;

  constructor(
    private readonly clock: FakeClock,
    private readonly azure: FakeAzure,
  ) {}

  nodes(): Promise<readonly NodeState[]> {
    const failure = this.nodeErrors.shift();
    if (failure) return Promise.reject(failure);
    const nodes = [...this.azure.pools].flatMap(([pool, { properties, provisioningState }]) => {
      if (provisioningState !== 'Succeeded') return [];
      const since = this.#succeededAt.get(pool) ?? this.clock.now();
      this.#succeededAt.set(pool, since);
      const age = this.clock.now() - since;
      if (age < this.nodeDelayMs) return [];
      return Array.from({ length: Number(properties['count'] ?? 0) }, (_, index) =>
        node(pool, index, age < this.nodeDelayMs + this.gpuDelayMs ? 0 : this.gpus),
      );
    });
    return this.#answer([...nodes, ...this.extraNodes]);
  }

  readLease(namespace: string, name: string): Promise<LeaseState | undefined> {
    return this.#answer(this.leases.get(`${namespace}/${name}`));
  }

  createLease(namespace: string, name: string, holding: LeaseHolding): Promise<LeaseState | undefined> {
    this.beforeLeaseWrite();
    if (this.leases.has(`${namespace}/${name}`)) return this.#answer(undefined);
    return this.#answer(this.#write(namespace, name, holding));
  }

  replaceLease(
    namespace: string,
    name: string,
    holding: LeaseHolding,
    current: LeaseState,
  ): Promise<LeaseState | undefined> {
    this.beforeLeaseWrite();
    const stored = this.leases.get(`${namespace}/${name}`);
    if (stored?.resourceVersion !== current.resourceVersion) return this.#answer(undefined);
    return this.#answer(this.#write(namespace, name, holding));
  }

  createEvent(event: PodEvent): Promise<void> {
    this.events.push(event);
    return this.#answer(undefined);
  }

  async #answer<T>(value: T): Promise<T> {
    await this.onHandled(this.#requests++);
    return value;
  }

  #write(namespace: string, name: string, { holder, transitions }: LeaseHolding): LeaseState {
    const state = { holder, transitions, resourceVersion: String(++this.#version) };
    this.leases.set(`${namespace}/${name}`, state);
    return state;
  }
}

/** A Ready node of `pool`. */
export function node(pool: string, index: number, gpus: number): NodeState {
  return {
    name: `aks-${pool}-${index}`,
    pool,
    ready: true,
    notReadyReason: '',
    uninitialized: false,
    allocatable: gpus > 0 ? { 'nvidia.com/gpu': gpus } : {},
  };
}
