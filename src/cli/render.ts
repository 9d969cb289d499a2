import { Command } from 'commander';
import { EXIT_OK } from '../fleet/exit-code';
import { printFailure, printProblems, printSummary } from '../fleet/report';
import { fleetOfFiles } from '../fleet/fleet-of-files';
import { toStream } from '../gitops/tree';
import { writeTree } from '../gitops/write-tree';

const STANDARD_OUTPUT = '-';

interface RenderOptions {
  readonly cluster?: string;
  readonly output: string;
  readonly presets?: string;
}

/** `slipway render`: Workspace files in, Kubernetes YAML out. */
export function renderCommand(): Command {
  return new Command('render')
    .description('turn Workspace files into Kubernetes YAML')
    .argument(
      '<file...>',
      'YAML files or folders with Workspaces (kaito.sh or slipway.dev) and their ConfigMaps; - reads standard input',
    )
    .option(
      '-c, --cluster <file>',
      'YAML file with the slipway.dev/v1alpha1 Cluster they are for, - reads standard input (default: AKS with Karpenter)',
    )
    .option(
      '-o, --output <folder>',
      'folder to write, one object a file; - writes one YAML stream to standard output',
      STANDARD_OUTPUT,
    )
    .option('--presets <folder>', 'folder with presets of your own')
    .addHelpText('after', '\nExit codes: 0 rendered, 2 bad input (nothing is written), 1 internal error.')
    .action((files: string[], options: RenderOptions) => {
      process.exitCode = render(files, options);
    });
}

function render(files: readonly string[], options: RenderOptions): number {
  try {
    const { fleet, assumed } = fleetOfFiles(files, {
      ...(options.cluster === undefined ? {} : { clusterFile: options.cluster }),
      ...(options.presets === undefined ? {} : { presets: options.presets }),
    });
    if (assumed !== null) process.stderr.write(`no Cluster given: assuming ${assumed}\n`);
    const rendering = fleet.render();
    if (options.output === STANDARD_OUTPUT) {
      printProblems(rendering.problems, process.stderr);
      process.stdout.write(toStream(rendering.tree));
    } else {
      const report = writeTree(options.output, rendering.tree);
      printSummary(rendering, report, options.output, process.stderr);
    }
    return EXIT_OK;
  } catch (error) {
    return printFailure(error, process.stderr);
  }
}
