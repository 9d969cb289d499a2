/** What still has to be stopped when this process exits. One listener does it for all: dozens run at once. */
const running = new Set<() => void>();

process.once('exit', () => {
  for (const stop of running) stop();
});

/** Have `stop` called when this process exits. Returns what takes that back. */
export function atExit(stop: () => void): () => void {
  running.add(stop);
  return () => {
    running.delete(stop);
  };
}
