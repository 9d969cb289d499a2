/* eslint-disable @typescript-eslint/no-require-imports -- a command's module is loaded when it is called */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { EXIT_INTERNAL, EXIT_INVALID } from '../fleet/exit-code';

/** A command of `slipway`. Its module is loaded only when it is called: some bring a cloud's whole client library. */
interface Entry {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Command;
}

const ENTRIES: readonly Entry[] = [
  {
    name: 'render',
    summary: 'turn Workspace files into Kubernetes YAML',
    load: () => (require('./render') as typeof import('./render')).renderCommand(),
  },
  {
    name: 'size',
    summary: 'say where a model fits, and what of the GPU memory goes where',
    load: () => (require('./size') as typeof import('./size')).sizeCommand(),
  },
  {
    name: 'catalog',
    summary: 'list models and machine types, add a model of your own',
    load: () => (require('./catalog') as typeof import('./catalog')).catalogCommand(),
  },
  {
    name: 'publish',
    summary: 'put the committed tree on a branch for each cluster',
    load: () => (require('./publish') as typeof import('./publish')).publishCommand(),
  },
  {
    name: 'provision',
    summary: 'make the GPU agent pools of an AKS cluster (runs in the cluster)',
    load: () => (require('../provisioner/cli') as typeof import('../provisioner/cli')).provisionCommand(),
  },
];

function version(): string {
  const manifest = JSON.parse(readFileSync(join(__dirname, '..', '..', 'package.json'), 'utf8')) as {
    version: string;
  };
  return manifest.version;
}

/** Run `slipway` with `args` (without node and script). Returns the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const program = new Command('slipway')
    .description(
      'GPU model workloads on Kubernetes through Git: Workspace definitions in, reviewable Kubernetes YAML out',
    )
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .exitOverride()
    .showHelpAfterError('(--help lists what there is)');
  const asked = args.find((argument) => !argument.startsWith('-'));
  for (const entry of ENTRIES) {
    if (entry.name === asked) program.addCommand(overrideExits(entry.load()));
    else program.command(entry.name).description(entry.summary);
  }
  try {
    await program.parseAsync(args, { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_INVALID;
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    return EXIT_INTERNAL;
  }
}

/** Usage errors are thrown, in subcommands too, so that they end with the code for bad input. */
function overrideExits(command: Command): Command {
  command.exitOverride().showHelpAfterError('(--help lists what there is)');
  for (const subcommand of command.commands) overrideExits(subcommand);
  return command;
}
