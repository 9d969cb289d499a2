import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { TREE_FOLDER } from './bench/tree/rendered-tree';

/** The project whose `gitops/` is judged, unless another is named. */
const OWN_PROJECT = join(__dirname, '..', '..');
/** Control planes that two cores and 16 GB bear beside each other. */
const USUAL_PARALLEL = 4;
const MOST_PARALLEL = 16;

export const USAGE = `npm run e2e [-- options]   prove the rendered tree on a real control plane: API server, Karpenter, Argo CD, Flux
  --only <text>       only runs whose name (cluster/engine) contains <text>
  --examples          what npm run verify runs: all but the fleet of 200 and the trial of pruneProtection
  --project <folder>  judge the gitops/ of another project
  --parallel <count>  control planes at once, 2.5 GB of memory each (default ${USUAL_PARALLEL})
  --list              say what runs there are, and run nothing
  --keep              start a control plane, print how to use it, and wait for Ctrl-C
  --help              print this
npm run demo           the same as --keep, with the example fleet applied

Needs git, Redis (root on Debian gets it by itself) and Go 1.26 or newer: the first run builds all programs, in some 15 minutes, into
$SLIPWAY_CACHE or ~/.cache/slipway. All runs of --examples take five minutes on two cores. The exit status is 0 when every check holds, 1
when one does not (logs are kept, and it says where), 2 when the command line is not understood.`;

/** What was asked for. */
export interface Options {
  readonly mode: 'help' | 'list' | 'keep' | 'demo' | 'play';
  readonly only: string;
  readonly examples: boolean;
  readonly project: string;
  readonly parallel: number;
}

/** The command line is not understood: says what was given, and what is allowed. */
export class UsageError extends Error {}

/**
 * Read the command line.
 *
 * @param from the folder that a relative one is relative to
 * @throws UsageError
 */
export function readOptions(args: readonly string[], from: string): Options {
  const { values, positionals } = parse(args);
  const [stray] = positionals;
  if (stray !== undefined)
    throw new UsageError(`${stray}: give options only; --only ${stray} chooses runs by name`);
  const modes = (['help', 'list', 'keep', 'demo'] as const).filter((mode) => values[mode]);
  const [mode = 'play', other] = modes;
  if (other !== undefined && mode !== 'help') {
    throw new UsageError(`--${mode} and --${other} are two things: give one of them`);
  }
  const parallel = Number(values.parallel ?? USUAL_PARALLEL);
  if (!Number.isInteger(parallel) || parallel < 1 || parallel > MOST_PARALLEL) {
    throw new UsageError(
      `--parallel ${values.parallel ?? ''}: give a whole number from 1 to ${MOST_PARALLEL}`,
    );
  }
  const project = values.project === undefined ? OWN_PROJECT : resolve(from, values.project);
  if (mode !== 'help' && !existsSync(join(project, TREE_FOLDER))) {
    throw new UsageError(
      `--project: ${project} has no folder ${TREE_FOLDER}/; run \`npx cdk8s synth\` there first`,
    );
  }
  return { mode, only: values.only ?? '', examples: values.examples === true, project, parallel };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        only: { type: 'string' },
        examples: { type: 'boolean' },
        project: { type: 'string' },
        parallel: { type: 'string' },
        list: { type: 'boolean' },
        keep: { type: 'boolean' },
        demo: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
