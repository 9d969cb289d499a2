import type { Fault } from '../faults/fault';
import type { Candidate, PoolSpec } from '../pools/document';

/** A candidate that Azure has refused. */
export interface Refusal {
  /** The machine type, with what it was asked for as. */
  readonly candidate: string;
  readonly fault: Fault;
}

/** What one run has learnt about one pool: which candidate is next, and how often what was tried. */
export class Attempts {
  #candidate = 0;
  #regional = false;
  readonly #refusals: Refusal[] = [];
  /** Azure accepted this run's request to create the pool. */
  createdHere = false;
  /** The pool that stands was refused, so that writing it again is of no use. */
  refused = false;
  /** A Failed pool was written once more, which is AKS's way to mend one. */
  mended = false;
  /** The latest failure of an operation on the pool. */
  fault: Fault | undefined;
  etag = 0;
  transient = 0;
  wrapper = 0;
  busy = 0;
  network = 0;

  constructor(private readonly pool: PoolSpec) {}

  /** The candidate to try; undefined when all were refused. */
  get candidate(): Candidate | undefined {
    return this.pool.candidates[this.#candidate];
  }

  /** Leave the candidate's zones out. */
  get regional(): boolean {
    return this.#regional;
  }

  /** Why each candidate was refused, in the order tried. */
  get refusals(): readonly Refusal[] {
    return this.#refusals;
  }

  /** The pool that exists stands on this candidate. */
  standsOn(index: number, regional: boolean): void {
    this.#candidate = index;
    this.#regional = regional;
  }

  /** Goes on to what may avoid `fault`: the same machine type without zones, or the next candidate. */
  advance(fault: Fault): void {
    const refused = this.candidate;
    if (!refused) return;
    const zones = refused.zones && !this.#regional ? ` in zones ${refused.zones.join(', ')}` : '';
    const spot = refused.priority === 'Spot' ? ' (spot)' : '';
    this.#refusals.push({ candidate: `${refused.vmSize}${spot}${zones}`, fault });
    this.refused = true;
    if (fault.class === 'zone' && refused.zones && !this.#regional) {
      this.#regional = true;
    } else {
      this.#candidate++;
      this.#regional = false;
    }
    this.transient = this.wrapper = this.network = 0;
  }

  /** The pool is gone: the next one starts afresh. */
  forgetPool(): void {
    this.refused = this.mended = this.createdHere = false;
  }
}
