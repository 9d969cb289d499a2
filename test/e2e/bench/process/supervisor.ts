import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, GivenUp } from './eventually';
import { Guard } from './guard';

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

/** A program that runs. */
export interface RunningProgram {
  readonly name: string;
  readonly pid: number;
  readonly logFile: string;
  /** Stop it and wait until it has ended. Stopping twice is harmless. */
  stop(): Promise<void>;
}

/** Time for an orderly end before SIGKILL. */
const STOP_SECONDS = 10;
const QUOTED_LINES = 25;

/**
 * Starts programs and stops all of them, by process id, in reverse order of their start. A guard process does the
 * same when this process dies without a chance to (SIGKILL, crash).
 */
export class Supervisor {
  readonly #running: RunningProgram[] = [];
  #isStopping = false;
  /** Does in this process's place what it cannot do when it is killed. */
  readonly guard = new Guard();

  /** @param folder gets `logs/` and `tmp/`. */
  constructor(private readonly folder: string) {
    mkdirSync(join(folder, 'logs'), { recursive: true });
    mkdirSync(join(folder, 'tmp'), { recursive: true });
  }

  /** Where the logs of all programs are. */
  get logFolder(): string {
    return join(this.folder, 'logs');
  }

  /** Have a folder removed when everything has been stopped, or when this process dies. */
  removeAtEnd(folder: string): void {
    this.guard.removeAtEnd(folder);
  }

  /**
   * Start a program and wait until it is ready.
   *
   * @throws with the end of its log when it ends or does not get ready in time.
   */
  async start(spec: ProgramSpec): Promise<RunningProgram> {
    if (this.#isStopping) throw new Error(`${spec.name} is not started: everything is being stopped`);
    const logFile = join(this.logFolder, `${spec.name}.log`);
    const log = openSync(logFile, 'a');
    const child = spawn(spec.command, spec.args, {
      // A group of its own: Ctrl-C reaches this process only, which then stops things in order.
      detached: true,
      cwd: this.folder,
      stdio: ['ignore', log, log],
      ...(spec.argv0 === undefined ? {} : { argv0: spec.argv0 }),
      env: {
        PATH: process.env['PATH'],
        HOME: this.folder,
        TMPDIR: join(this.folder, 'tmp'),
        // All are Go programs that live for minutes: they may use memory in place of time.
        GOGC: '300',
        ...spec.env,
      },
    });
    closeSync(log);
    let failure: string | undefined;
    child.on('error', (error) => {
      failure = `it does not start: ${error.message}`;
    });
    child.on('exit', (code, signal) => {
      failure = `it ended with ${signal ?? `status ${code ?? 'unknown'}`}`;
    });
    const { pid } = child;
    if (pid === undefined) {
      await new Promise((resolve) => child.once('error', resolve));
      throw new Error(`${spec.name} (${spec.command}): ${failure ?? 'it does not start'}`);
    }
    const program: RunningProgram = { name: spec.name, pid, logFile, stop: () => this.#stop(program, child) };
    this.#running.push(program);
    this.guard.watch(pid);
    try {
      await eventually(`${spec.name} is ready`, spec.readySeconds ?? 180, async () => {
        if (failure !== undefined) throw new GivenUp(failure);
        await spec.ready();
      });
    } catch (error) {
      throw new Error(`${String(error)}\nEnd of ${logFile}:\n${lastLines(logFile)}`, { cause: error });
    }
    return program;
  }

  /** Stop everything, last started first, each after the one before has ended. */
  async stopAll(): Promise<void> {
    this.#isStopping = true;
    for (const program of this.#running.slice().reverse()) await program.stop();
    this.guard.end();
  }

  async #stop(program: RunningProgram, child: ChildProcess): Promise<void> {
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
    const index = this.#running.indexOf(program);
    if (index >= 0) this.#running.splice(index, 1);
    this.guard.release(program.pid);
  }
}

/** The end of a log, for a message. */
export function lastLines(file: string, count = QUOTED_LINES): string {
  if (!existsSync(file)) return '(no log)';
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-count).join('\n');
}
