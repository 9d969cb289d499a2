import { runCommand } from '../process/command';

/** Longest that one build may take: the slowest took under 8 minutes on two busy cores. */
const LIMIT_SECONDS = 40 * 60;

/** Run `go` at low priority with what `go.mod` says and the Go that is installed. Returns its standard output. */
export async function runGo(args: readonly string[], cwd: string): Promise<string> {
  const { stdout } = await runCommand('nice', ['-n', '15', 'go', ...args], {
    cwd,
    env: { CGO_ENABLED: '0', GOTOOLCHAIN: 'local', GOFLAGS: '' },
    limitSeconds: LIMIT_SECONDS,
  });
  return stdout;
}
