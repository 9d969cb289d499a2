/** What ends a run from outside. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** Exit status of a program that was interrupted. */
const INTERRUPTED = 130;

type CleanUp = () => Promise<void>;

/** What has to be undone when a signal comes. One process has one set of signals, so there is one of these. */
const cleanUps = new Set<CleanUp>();
let isEnding = false;

/**
 * Have signals end this process in an orderly way: everything that was registered is undone, then it exits, which stops the
 * commands that still run. A second signal meanwhile (a terminal sends one to the whole group, npm another) changes nothing.
 */
export function endOrderlyOnSignals(report: (line: string) => void): void {
  const onSignal = (): void => {
    if (isEnding) return;
    isEnding = true;
    if (cleanUps.size > 0) report('stopping everything');
    void Promise.allSettled([...cleanUps].map((cleanUp) => cleanUp())).then(() => process.exit(INTERRUPTED));
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  // Whoever started this process is gone without a word.
  process.on('disconnect', onSignal);
  // That listener is no reason to go on.
  process.channel?.unref();
}

/** Have `cleanUp` run when a signal comes. Returns what takes that back. */
export function onInterrupt(cleanUp: CleanUp): () => void {
  cleanUps.add(cleanUp);
  return () => {
    cleanUps.delete(cleanUp);
  };
}
