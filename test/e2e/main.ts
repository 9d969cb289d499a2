import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { keepBare, keepDemo } from './keep';
import { endOrderlyOnSignals } from './bench/process/interrupt';
import { preparePrograms } from './bench/tools/prepare';
import { inTurns } from './in-turns';
import { onFreshBench, runs, type Run } from './runs';
import { Runner, type Counts } from './runner';

/** The project whose `gitops/` is judged, unless another is named. */
const OWN_PROJECT = join(__dirname, '..', '..');

const USAGE = `npm run e2e [-- options]   prove the rendered tree on a real control plane
  --only <text>       only runs whose name (cluster/engine) contains <text>
  --examples          what npm run verify runs: all but the fleet of 200 and the trial of Prune=confirm
  --project <folder>  judge the gitops/ of another project
  --parallel <count>  control planes at once, 2.5 GB of memory each (default 3)
  --list              name the runs, and run nothing
  --keep              start a control plane, print how to use it, and wait
npm run demo           the same with the example fleet applied`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', default: '' },
      examples: { type: 'boolean', default: false },
      project: { type: 'string', default: OWN_PROJECT },
      parallel: { type: 'string', default: '3' },
      list: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      demo: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  if (values.demo) await keepDemo(values.project);
  if (values.keep) await keepBare();

  const chosen = runs(values.project).filter(
    (run) => nameOf(run).includes(values.only) && (!values.examples || run.isOptional !== true),
  );
  if (values.list) {
    for (const run of chosen) console.log(nameOf(run));
    return;
  }
  await preparePrograms(say);
  const isAlone = values.parallel === '1' || chosen.length === 1;
  const counts = [...(await inTurns(chosen, Number(values.parallel), (run) => playOne(run, isAlone)))];
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

const nameOf = ({ cluster, engine, topic }: Run): string => [cluster, engine, topic ?? []].flat().join('/');

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
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
