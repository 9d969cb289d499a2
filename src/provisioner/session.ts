import type { AgentPools } from './arm/agent-pools';
import type { Clock } from './clock';
import type { Kubernetes } from './kubernetes/api';
import type { ClusterLease } from './kubernetes/lease';
import type { PoolsDocument } from './pools/document';
import type { Reporter } from './report/event';

/** Longest stretch without a look at the lease, in milliseconds. */
const MAX_NAP_MS = 10_000;

/** What one run works with. */
export interface SessionParts {
  readonly document: PoolsDocument;
  readonly azure: AgentPools;
  /** Null: no access to the cluster's API. */
  readonly kubernetes: Kubernetes | null;
  /** Null: this run only reads, or was told to do without. */
  readonly lease: ClusterLease | null;
  readonly clock: Clock;
  readonly report: Reporter;
  readonly signal: AbortSignal;
  /** The run begins nothing and waits for nothing after this time, milliseconds since 1970. */
  readonly deadline: number;
}

/** A run: its parts, and the waiting that keeps the lease. */
export class Session {
  constructor(readonly parts: SessionParts) {}

  get now(): number {
    return this.parts.clock.now();
  }

  /** The run's time is up: nothing is begun any more. */
  get isOver(): boolean {
    return this.now > this.parts.deadline;
  }

  /**
   * Waits, renewing the lease.
   *
   * @throws LeaseLostError
   * @throws AbortError when the run is to stop
   */
  async pause(milliseconds: number): Promise<void> {
    const { clock, signal } = this.parts;
    const end = clock.now() + milliseconds;
    for (;;) {
      await this.keepLease();
      const left = end - clock.now();
      if (left <= 0) return;
      await clock.sleep(Math.min(left, MAX_NAP_MS), signal);
    }
  }

  /** To be called before each write. */
  async keepLease(): Promise<void> {
    this.parts.signal.throwIfAborted();
    await this.parts.lease?.keep();
  }
}
