import { spawn } from 'node:child_process';
import { atExit } from './at-exit';
import type { Guard } from './guard';

/** How a command is run. */
export interface CommandOptions {
  readonly cwd?: string;
  /** Environment besides that of this process. */
  readonly env?: NodeJS.ProcessEnv;
  /** Text for its standard input. @default none */
  readonly input?: string;
  /** Seconds after which it is stopped. */
  readonly limitSeconds: number;
  /** Stops it when this process dies without a chance to; worth its while for what takes minutes. */
  readonly guard?: Guard;
}

/** What a command wrote. */
export interface CommandOutput {
  readonly stdout: string;
  readonly stderr: string;
}

/** Lines of standard error that a failure quotes. */
const QUOTED_LINES = 30;

/**
 * Run a command to its end, in a process group of its own: when it takes too long, or this process exits, nothing of
 * it stays behind.
 *
 * @throws with the command, its exit status and the end of its standard error when it does not end with 0.
 */
export function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<CommandOutput> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...options.env },
    });
    const { pid } = child;
    if (pid !== undefined) options.guard?.watch(pid);
    const stop = (): void => {
      if (pid === undefined || child.exitCode !== null) return;
      try {
        process.kill(-pid, 'SIGTERM');
      } catch {
        // It has ended, and this process has not heard of it yet.
      }
    };
    let late = false;
    const limit = setTimeout(() => {
      late = true;
      stop();
    }, options.limitSeconds * 1000);
    const forget = atExit(stop);
    const end = (): void => {
      clearTimeout(limit);
      forget();
      if (pid !== undefined) options.guard?.release(pid);
    };
    const stdout: string[] = [];
    const stderr: string[] = [];
    child.stdout.setEncoding('utf8').on('data', (text: string) => stdout.push(text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => stderr.push(text));
    // A command that ends before it has read its input is judged by its exit status.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
    child.on('error', (error) => {
      end();
      reject(error);
    });
    child.on('close', (code, signal) => {
      end();
      if (code === 0) {
        resolve({ stdout: stdout.join(''), stderr: stderr.join('') });
        return;
      }
      const why = late
        ? `took longer than ${options.limitSeconds} s`
        : signal === null
          ? `ended with status ${code ?? 'unknown'}`
          : `was stopped by ${signal}`;
      const said = stderr.join('').trimEnd().split('\n').slice(-QUOTED_LINES).join('\n');
      reject(new Error(`\`${command} ${args.join(' ')}\` ${why}:\n${said}`));
    });
  });
}
