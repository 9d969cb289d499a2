import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

/**
 * A process beside this one that stops what this one has started, by process id, and removes its folders, when this one dies
 * without a chance to do so itself (SIGKILL, crash).
 */
export class Guard {
  readonly #process: ChildProcess;

  constructor() {
    this.#process = spawn(process.execPath, [join(__dirname, 'guard-process.mjs')], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    // Reading nothing from the guard, this process can end while it runs.
    this.#process.unref();
    this.#process.stdin?.on('error', () => undefined);
  }

  /** A program has been started. */
  watch(pid: number): void {
    this.#process.stdin?.write(`+${pid}\n`);
  }

  /** It has ended. */
  release(pid: number): void {
    this.#process.stdin?.write(`-${pid}\n`);
  }

  /** Have a folder removed when this is over. */
  removeAtEnd(folder: string): void {
    this.#process.stdin?.write(`folder ${folder}\n`);
  }

  /** Everything is stopped: remove the folders and end. */
  end(): void {
    this.#process.stdin?.end();
  }
}
