import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, GivenUp } from './eventually';
import type { Guard } from './guard';

/** One long-running program of the bench. */
export interface ProgramSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Name that the program sees as its own; some choose what to be by it. @default the command */
  readonly argv0?: string;
  /** Environment besides `PATH`, `HOME` and `TMPDIR`. */
  readonly env?: Readonly<Record<string, string>>;
  /** Resolves when the program serves; is asked again while it throws. */
  readonly ready: () => Promise<void>;
  /** Seconds that it may take to be ready. @default 180 */
  readonly readySeconds?: number;
}

/** Time for an orderly end before SIGKILL. */
const STOP_SECONDS = 10;
const QUOTED_LINES = 25;
/** How often a program that ends by itself is started again, as a kubelet would. */
const RESTARTS = 3;
const RESTART_PAUSE_MILLISECONDS = 1000;

/** A program, as often as it is started. */
export class Program {
  readonly #logFile: string;
  #child: ChildProcess | undefined;
  #isStopping = false;
  #starts = 0;
  /** Why it is not started any more. */
  #failure: string | undefined;

  constructor(
    private readonly spec: ProgramSpec,
    private readonly folder: string,
    private readonly guard: Guard,
    private readonly report: (line: string) => void,
    private readonly giveUp: (why: Error) => void,
  ) {
    this.#logFile = join(folder, 'logs', `${spec.name}.log`);
  }

  async start(): Promise<void> {
    const { name, ready, readySeconds = 180 } = this.spec;
    this.#launch();
    try {
      await eventually(`${name} is ready`, readySeconds, async () => {
        if (this.#failure !== undefined) throw new GivenUp(this.#failure);
        await ready();
      });
    } catch (error) {
      throw new Error(`${String(error)}\n${this.#endOfLog()}`, { cause: error });
    }
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    const child = this.#child;
    if (child?.pid === undefined) return;
    const ended = new Promise<void>((resolve) => {
      if (child.exitCode !== null || child.signalCode !== null) resolve();
      else
        child.once('exit', () => {
          resolve();
        });
    });
    child.kill('SIGTERM');
    const kill = setTimeout(() => child.kill('SIGKILL'), STOP_SECONDS * 1000);
    await ended;
    clearTimeout(kill);
  }

  #launch(): void {
    const { spec, folder } = this;
    this.#starts++;
    const log = openSync(this.#logFile, 'a');
    const child = spawn(spec.command, spec.args, {
      // A group of its own: Ctrl-C reaches this process only, which then stops things in order.
      detached: true,
      cwd: folder,
      stdio: ['ignore', log, log],
      ...(spec.argv0 === undefined ? {} : { argv0: spec.argv0 }),
      env: {
        PATH: process.env['PATH'],
        HOME: folder,
        TMPDIR: join(folder, 'tmp'),
        // All are Go programs that live for minutes: they may use memory in place of time.
        GOGC: '300',
        ...spec.env,
      },
    });
    closeSync(log);
    this.#child = child;
    const { pid } = child;
    if (pid !== undefined) this.guard.watch(pid);
    child.once('error', (error) => {
      // It never ran: to try again changes nothing.
      if (pid === undefined) this.#fail(`it does not start: ${error.message}`);
    });
    child.once('exit', (code, signal) => {
      if (pid !== undefined) this.guard.release(pid);
      if (this.#isStopping) return;
      this.#startAgain(`it ended with ${signal ?? `status ${code ?? 'unknown'}`}`).catch((error: unknown) => {
        this.#fail(String(error));
      });
    });
  }

  async #startAgain(why: string): Promise<void> {
    if (this.#starts > RESTARTS) {
      this.#fail(why);
      return;
    }
    this.report(`${this.spec.name}: ${why}; started again. ${this.#endOfLog()}`);
    await sleep(RESTART_PAUSE_MILLISECONDS);
    if (!this.#isStopping) this.#launch();
  }

  #fail(why: string): void {
    this.#failure = why;
    this.giveUp(new Error(`${this.spec.name}: ${why}\n${this.#endOfLog()}`));
  }

  #endOfLog(): string {
    return `End of ${this.#logFile}:\n${lastLines(this.#logFile)}`;
  }
}

/** The end of a log, for a message. */
function lastLines(file: string): string {
  if (!existsSync(file)) return '(no log)';
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-QUOTED_LINES).join('\n');
}
