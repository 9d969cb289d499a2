/** A token bucket. */
class Bucket {
  #tokens: number;
  #at: number;

  constructor(
    private readonly burst: number,
    private readonly perSecond: number,
    now: number,
  ) {
    this.#tokens = burst;
    this.#at = now;
  }

  /** Seconds to wait, or undefined when the request may pass. */
  take(now: number): number | undefined {
    this.#tokens = Math.min(this.burst, this.#tokens + ((now - this.#at) / 1000) * this.perSecond);
    this.#at = now;
    if (this.#tokens >= 1) {
      this.#tokens--;
      return undefined;
    }
    return Math.ceil((1 - this.#tokens) / this.perSecond);
  }
}

/** AKS's documented limits for one subscription. */
export class Throttle {
  readonly #buckets = new Map<string, Bucket>();

  constructor(private readonly now: () => number) {}

  /** `write`: PUT of one pool; `operation`: status of an operation; `other`: the rest. */
  take(kind: 'write' | 'operation' | 'other', pool: string): number | undefined {
    const key = kind === 'write' ? `write ${pool}` : kind;
    const [burst, perSecond] = kind === 'write' ? [20, 1 / 60] : kind === 'operation' ? [200, 2] : [60, 1];
    const bucket = this.#buckets.get(key) ?? new Bucket(burst, perSecond, this.now());
    this.#buckets.set(key, bucket);
    return bucket.take(this.now());
  }
}
