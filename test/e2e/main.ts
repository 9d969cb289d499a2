import { keepBare, keepDemo } from './keep';
import { endOrderlyOnSignals } from './bench/process/interrupt';
import { preparePrograms } from './bench/tools/prepare';
import { inTurns } from './in-turns';
import { readOptions, USAGE, UsageError, type Options } from './options';
import { onFreshBench, runs, type Run } from './runs';
import { Runner, type Counts } from './runner';

/** Room for the longest name in a list of runs. */
const NAME_WIDTH = 20;
/** Exit status of a command line that is not understood. */
const USAGE_STATUS = 2;

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2), process.env['INIT_CWD'] ?? process.cwd());
  switch (options.mode) {
    case 'help':
      console.log(USAGE);
      return;
    case 'demo':
      return keepDemo(options.project);
    case 'keep':
      return keepBare();
    case 'list':
      for (const run of chosenRuns(options)) console.log(`${nameOf(run).padEnd(NAME_WIDTH)} ${run.about}`);
      return;
    case 'play':
      return play(chosenRuns(options), options.parallel);
  }
}

/** @throws UsageError when there is none. */
function chosenRuns({ project, only, examples }: Options): readonly Run[] {
  const known = runs(project).filter((run) => !examples || run.isOptional !== true);
  const chosen = known.filter((run) => nameOf(run).includes(only));
  if (chosen.length > 0) return chosen;
  throw new UsageError(
    `--only ${only}: no run has that in its name; there are ${known.map(nameOf).join(', ')}`,
  );
}

async function play(chosen: readonly Run[], parallel: number): Promise<void> {
  await preparePrograms(say);
  const isAlone = parallel === 1 || chosen.length === 1;
  const counts = [...(await inTurns(chosen, parallel, (run) => playOne(run, isAlone)))];
  // Control planes beside each other starve one another on a small machine: what failed there is judged by itself.
  for (const [index, run] of chosen.entries()) {
    if (isAlone || counts[index]?.failed === 0) continue;
    say(`\n${nameOf(run)} failed beside others: once more, alone`);
    counts[index] = await playOne(run, true);
  }
  const sum: Counts = {
    passed: counts.reduce((total, { passed }) => total + passed, 0),
    failed: counts.reduce((total, { failed }) => total + failed, 0),
  };
  process.send?.(sum);
  process.exitCode = sum.failed === 0 && sum.passed > 0 ? 0 : 1;
}

const nameOf = ({ cluster, engine }: Run): string => `${cluster}/${engine}`;

const say = (line: string): void => {
  console.log(line);
};

/** Play one run. Where others go on beside it, what came of it is printed in one piece. */
async function playOne(run: Run, isAlone: boolean): Promise<Counts> {
  const lines: string[] = [];
  const started = Date.now();
  const runner = new Runner(isAlone ? say : (line) => lines.push(line));
  say(isAlone ? `\n${nameOf(run)}` : `${nameOf(run)} has begun`);
  try {
    await onFreshBench(run, runner);
  } catch (error) {
    // The bench itself, or a step between two checks: counted as what it is, and no reason to leave the other runs out.
    const why = error instanceof Error ? error : new Error(String(error));
    await runner.check('the run gets to its end', () => Promise.reject(why));
  }
  const end = `${nameOf(run)} took ${((Date.now() - started) / 1000).toFixed(0)} s`;
  say((isAlone ? [end] : ['', ...lines, end]).join('\n'));
  return runner.counts;
}

endOrderlyOnSignals(say);
main().catch((error: unknown) => {
  const isUsage = error instanceof UsageError;
  console.error(error instanceof Error ? error.message : error);
  if (isUsage) console.error('npm run e2e -- --help lists what there is');
  process.exitCode = isUsage ? USAGE_STATUS : 1;
});
