import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { keepBare, keepDemo } from './keep';
import { onFreshBench, runs } from './runs';
import { Runner } from './runner';

/** The project whose `gitops/` is judged, unless another is named. */
const OWN_PROJECT = join(__dirname, '..', '..');

const USAGE = `npm run e2e [-- options]   prove the rendered tree on a real control plane
  --only <text>       only runs whose name (cluster/engine) contains <text>
  --examples          only the clusters of the project: not the fixture, the updates and the large fleet
  --project <folder>  judge the gitops/ of another project
  --keep              start a control plane, print how to use it, and wait
npm run demo           the same with the example fleet applied`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', default: '' },
      examples: { type: 'boolean', default: false },
      project: { type: 'string', default: OWN_PROJECT },
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

  const runner = new Runner();
  for (const run of runs(values.project)) {
    const name = `${run.cluster}/${run.engine}`;
    if (!name.includes(values.only)) continue;
    if (values.examples && run.project !== values.project) continue;
    runner.group(name);
    await onFreshBench(run, runner);
  }
  process.send?.(runner.counts);
  process.exitCode = runner.counts.failed === 0 && runner.counts.passed > 0 ? 0 : 1;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
