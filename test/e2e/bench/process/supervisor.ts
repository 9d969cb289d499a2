import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Guard } from './guard';
import { Program, type ProgramSpec } from './program';

/** A program that runs. */
export interface RunningProgram {
  /** Stop it and wait until it has ended. Stopping twice is harmless. */
  stop(): Promise<void>;
}

/**
 * Starts programs and stops all of them, by process id, in reverse order of their start. A guard process does the
 * same when this process dies without a chance to (SIGKILL, crash).
 *
 * A program that ends by itself is started again, and it is said that it was: otherwise every later check would wait in vain for
 * what that program does.
 */
export class Supervisor {
  readonly #programs: Program[] = [];
  #isStopping = false;
  #break: (why: Error) => void = () => undefined;
  /** Rejects when a program is started in vain again and again: nothing that needs it can succeed. */
  readonly broken = new Promise<never>((_, reject) => {
    this.#break = reject;
  });
  /** Does in this process's place what it cannot do when it is killed. */
  readonly guard = new Guard();

  /** @param folder gets `logs/` and `tmp/`. */
  constructor(
    private readonly folder: string,
    private readonly report: (line: string) => void,
  ) {
    mkdirSync(join(folder, 'logs'), { recursive: true });
    mkdirSync(join(folder, 'tmp'), { recursive: true });
    // Nobody may be listening when it happens.
    this.broken.catch(() => undefined);
  }

  /** Have a folder removed when everything has been stopped, or when this process dies. */
  removeAtEnd(folder: string): void {
    this.guard.removeAtEnd(folder);
  }

  /**
   * Start a program and wait until it is ready.
   *
   * @throws with the end of its log when it ends again and again, or does not get ready in time.
   */
  async start(spec: ProgramSpec): Promise<RunningProgram> {
    if (this.#isStopping) throw new Error(`${spec.name} is not started: everything is being stopped`);
    const program = new Program(spec, this.folder, this.guard, this.report, this.#break);
    this.#programs.push(program);
    await program.start();
    return {
      stop: async () => {
        await program.stop();
        const index = this.#programs.indexOf(program);
        if (index >= 0) this.#programs.splice(index, 1);
      },
    };
  }

  /** Stop everything, last started first, each after the one before has ended. */
  async stopAll(): Promise<void> {
    this.#isStopping = true;
    for (const program of this.#programs.splice(0).reverse()) await program.stop();
    this.guard.end();
  }
}
