import type { Clock } from '../clock';
import type { Kubernetes, LeaseState } from './api';

/** How long a holder that shows no sign of life keeps the lease, in seconds. */
const LEASE_DURATION_SECONDS = 60;
/** A holder renews after this many seconds. */
const RENEW_AFTER_SECONDS = 20;
/** A holder that could not renew stops writing after this many seconds: a write in flight (20 s) still ends in time. */
const GIVE_UP_AFTER_SECONDS = 40;

/** The lease has gone to someone else: nothing may be written any more. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
}

/** Where the lease is, and who asks for it. */
export interface LeaseIdentity {
  readonly namespace: string;
  readonly name: string;
  /** Name of the pod. */
  readonly holder: string;
}

/**
 * Makes sure that one run at a time changes a cluster's pools. There is no background timer: the session renews
 * whenever it waits and before each write, and no single request lasts as long as the lease.
 */
export class ClusterLease {
  #held: { state: LeaseState; renewedAt: number } | undefined;
  #acquiredAt = 0;
  #seen: { resourceVersion: string; since: number } | undefined;

  constructor(
    private readonly kubernetes: Kubernetes,
    private readonly identity: LeaseIdentity,
    private readonly clock: Clock,
  ) {}

  /**
   * Takes the lease if it is free, released, or its holder has not renewed it for a whole duration *while we watched*:
   * clocks of two machines are never compared.
   *
   * @returns undefined when it is ours, else who holds it
   */
  async tryAcquire(): Promise<string | undefined> {
    const { namespace, name, holder } = this.identity;
    const now = this.clock.now();
    this.#acquiredAt = now;
    const current = await this.kubernetes.readLease(namespace, name);
    if (!current) {
      const created = await this.kubernetes.createLease(namespace, name, this.#holding(0));
      return this.#take(created, now);
    }
    if (this.#seen?.resourceVersion !== current.resourceVersion) {
      this.#seen = { resourceVersion: current.resourceVersion, since: now };
    }
    const expired = now - this.#seen.since >= LEASE_DURATION_SECONDS * 1000;
    if (current.holder !== '' && current.holder !== holder && !expired) return current.holder;
    const transitions = current.transitions + (current.holder === holder ? 0 : 1);
    const taken = await this.kubernetes.replaceLease(namespace, name, this.#holding(transitions), current);
    return this.#take(taken, now);
  }

  /**
   * Renews when it is time to.
   *
   * @throws LeaseLostError when someone else has taken it, or it could not be renewed for its whole duration
   */
  async keep(): Promise<void> {
    if (!this.#held) return;
    const { state, renewedAt } = this.#held;
    const now = this.clock.now();
    if (now - renewedAt < RENEW_AFTER_SECONDS * 1000) return;
    const { namespace, name } = this.identity;
    let renewed: LeaseState | undefined;
    try {
      renewed =
        (await this.kubernetes.replaceLease(namespace, name, this.#holding(state.transitions), state)) ??
        (await this.#ownLease());
    } catch (error) {
      // The API server may be away for a moment; until the lease runs out nobody else can have it.
      if (this.clock.now() - renewedAt < GIVE_UP_AFTER_SECONDS * 1000) return;
      this.#held = undefined;
      throw new LeaseLostError(`the lease ${namespace}/${name} could not be renewed in time`, {
        cause: error,
      });
    }
    if (!renewed) {
      this.#held = undefined;
      throw new LeaseLostError(`the lease ${namespace}/${name} was taken by another run`);
    }
    this.#held = { state: renewed, renewedAt: now };
  }

  /** Lets the next run begin at once. A failure is of no consequence: the lease runs out. */
  async release(): Promise<void> {
    if (!this.#held) return;
    const { state } = this.#held;
    this.#held = undefined;
    const { namespace, name } = this.identity;
    const free = { ...this.#holding(state.transitions), holder: '' };
    await this.kubernetes.replaceLease(namespace, name, free, state).catch(() => undefined);
  }

  /** Our renewal may have arrived though its answer was lost: then the version is new and the holder is still us. */
  async #ownLease(): Promise<LeaseState | undefined> {
    const { namespace, name, holder } = this.identity;
    const current = await this.kubernetes.readLease(namespace, name);
    return current?.holder === holder ? current : undefined;
  }

  #take(state: LeaseState | undefined, now: number): string | undefined {
    if (!state) return 'another run';
    this.#held = { state, renewedAt: now };
    return undefined;
  }

  #holding(transitions: number) {
    return {
      holder: this.identity.holder,
      durationSeconds: LEASE_DURATION_SECONDS,
      at: this.clock.now(),
      acquiredAt: this.#acquiredAt,
      transitions,
    };
  }
}
