import type { Clock } from '../../../src/provisioner/clock';

interface Sleeper {
  readonly wakesAt: number;
  wake(): void;
}

/**
 * A clock on which hours pass in milliseconds: when every program on it sleeps, it goes on to the moment at which the
 * first one wakes. While one of them works, no time passes.
 */
export class FakeClock implements Clock {
  #now = Date.parse('2026-11-23T06:00:00Z');
  #programs = 0;
  #sleepers: Sleeper[] = [];
  /** Sum of all sleeps, in milliseconds. */
  slept = 0;

  now(): number {
    return this.#now;
  }

  advance(milliseconds: number): void {
    this.#now += milliseconds;
  }

  /** Runs a program on this clock. */
  async during<T>(program: () => Promise<T>): Promise<T> {
    this.#programs++;
    try {
      return await program();
    } finally {
      this.#programs--;
      this.#wakeNext();
    }
  }

  /** A program was killed: it will never sleep or end, and time goes on without it. */
  forgetProgram(): void {
    this.#programs--;
    this.#wakeNext();
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    this.slept += milliseconds;
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        reject(new DOMException('stopped', 'AbortError'));
      };
      const sleeper: Sleeper = {
        wakesAt: this.#now + milliseconds,
        wake: () => {
          signal?.removeEventListener('abort', stop);
          setImmediate(resolve);
        },
      };
      if (signal?.aborted) {
        stop();
        return;
      }
      signal?.addEventListener('abort', stop);
      this.#sleepers.push(sleeper);
      this.#wakeNext();
    });
  }

  random(): number {
    return 0.5;
  }

  #wakeNext(): void {
    if (this.#sleepers.length === 0 || this.#sleepers.length < this.#programs) return;
    const [next, ...rest] = [...this.#sleepers].sort((left, right) => left.wakesAt - right.wakesAt);
    this.#sleepers = rest;
    this.#now = Math.max(this.#now, next?.wakesAt ?? 0);
    next?.wake();
  }
}
