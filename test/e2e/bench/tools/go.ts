import { runCommand } from '../process/command';
import type { Guard } from '../process/guard';

/** Longest that one build may take: the slowest took under 8 minutes on two busy cores. */
const LIMIT_SECONDS = 40 * 60;

/** Run `go` at low priority with what `go.mod` says and the Go that is installed. Returns its standard output. */
export async function runGo(args: readonly string[], cwd: string, guard?: Guard): Promise<string> {
  const { stdout } = await runCommand('nice', ['-n', '15', 'go', ...args], {
    cwd,
    env: { CGO_ENABLED: '0', GOTOOLCHAIN: 'local', GOFLAGS: '' },
    limitSeconds: LIMIT_SECONDS,
    ...(guard === undefined ? {} : { guard }),
  });
  return stdout;
}
