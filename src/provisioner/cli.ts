import { Command, InvalidArgumentError, Option } from 'commander';
import { apply, wait } from './commands/apply';
import { plan } from './commands/plan';
import { prune } from './commands/prune';
import { runCommand, type CommonOptions, type WriteOptions } from './commands/run';
import { exitCodeOfStatus, status } from './commands/status';
import type { WaitLevel } from './pools/document';
import { planTable, statusTable } from './report/table';
import { systemRuntime, type ProvisionRuntime } from './runtime';
import { machineFacts } from './machine-facts';

const DEFAULT_MAX_PRUNED_POOLS = 3;
const DEFAULT_MAX_PRUNED_PERCENT = 50;

interface OutputOptions extends CommonOptions {
  readonly output: 'table' | 'json';
}

interface ApplyFlags extends WriteOptions {
  readonly adopt: boolean;
  readonly allowScaleDown: boolean;
  readonly recreateFailed: boolean;
  readonly wait?: WaitLevel;
}

/** `slipway provision`: the agent pools of an AKS cluster. */
export function provisionCommand(runtime: ProvisionRuntime = systemRuntime): Command {
  return new Command('provision')
    .description('make the GPU agent pools of an AKS cluster what a pools document says')
    .addCommand(planCommand(runtime))
    .addCommand(applyCommand(runtime))
    .addCommand(waitCommand(runtime))
    .addCommand(pruneCommand(runtime))
    .addCommand(statusCommand(runtime));
}

function planCommand(runtime: ProvisionRuntime): Command {
  return readingCommand('plan', 'show what apply would do; exit 10 when that is something')
    .option('--adopt', 'as for apply', false)
    .option('--allow-scale-down', 'as for apply', false)
    .addOption(
      new Option('--preflight <when>', 'ask for quota and offer').choices(['auto', 'off']).default('auto'),
    )
    .action(
      async (
        options: OutputOptions & { adopt: boolean; allowScaleDown: boolean; preflight: 'auto' | 'off' },
      ) => {
        await runCommand(runtime, options, undefined, async ({ session, connection }) => {
          const compute = options.preflight === 'off' ? null : await runtime.connectCompute(connection);
          const planned = await plan(session, options, compute);
          print(runtime, options, planned, () => planTable(planned, useColor(runtime)));
          return { exitCode: planned.exitCode };
        });
      },
    );
}

function applyCommand(runtime: ProvisionRuntime): Command {
  return writingCommand('apply', 'create and change pools, then wait for nodes and GPUs')
    .option('--adopt', 'take over a pool of the same name that has no owner', false)
    .option('--allow-scale-down', 'let a pool have fewer nodes than it has now', false)
    .option(
      '--recreate-failed',
      'delete a Failed pool of an earlier run even if nodes of it are registered',
      false,
    )
    .addOption(waitOption())
    .action(async (options: ApplyFlags) => {
      await runCommand(runtime, options, options, ({ session }) =>
        apply(session, { ...options, wait: options.wait, gpuCounts: gpuCounts() }),
      );
    });
}

function waitCommand(runtime: ProvisionRuntime): Command {
  return commonOptions(new Command('wait'))
    .description('wait for pools, nodes and GPUs; change nothing')
    .addOption(waitOption())
    .option('--termination-log <file>', 'where the summary is written')
    .action(async (options: Omit<WriteOptions, 'lease'> & { readonly wait?: WaitLevel }) => {
      await runCommand(runtime, options, { ...options, lease: false }, ({ session }) =>
        wait(session, { wait: options.wait, gpuCounts: gpuCounts() }),
      );
    });
}

function pruneCommand(runtime: ProvisionRuntime): Command {
  return writingCommand(
    'prune',
    "delete the owner's pools that the document no longer names; exit 10 without --yes",
  )
    .option('--yes', 'do it', false)
    .option(
      '--max-pools <number>',
      'refuse to delete more pools at once',
      wholeNumber,
      DEFAULT_MAX_PRUNED_POOLS,
    )
    .option(
      '--max-percent <number>',
      "refuse to delete a larger share of the owner's pools",
      wholeNumber,
      DEFAULT_MAX_PRUNED_PERCENT,
    )
    .action(async (options: WriteOptions & { yes: boolean; maxPools: number; maxPercent: number }) => {
      const lease = options.lease && options.yes;
      await runCommand(runtime, options, { ...options, lease }, ({ session }) => prune(session, options));
    });
}

function statusCommand(runtime: ProvisionRuntime): Command {
  return readingCommand(
    'status',
    "show the owner's pools, orphans with their price; exit 3 when something is off",
  ).action(async (options: OutputOptions) => {
    await runCommand(runtime, options, undefined, async ({ session }) => {
      const pools = await status(session, (vmSize) => machineFacts(vmSize).pricePerHour);
      print(runtime, options, pools, () => statusTable(pools, useColor(runtime)));
      return { exitCode: exitCodeOfStatus(pools) };
    });
  });
}

function readingCommand(name: string, description: string): Command {
  return commonOptions(new Command(name))
    .description(description)
    .addOption(new Option('-o, --output <format>', 'format').choices(['table', 'json']).default('table'));
}

function writingCommand(name: string, description: string): Command {
  return commonOptions(new Command(name))
    .description(description)
    .option('--no-lease', 'do without the lease that keeps two runs apart')
    .option(
      '--lease-namespace <namespace>',
      "namespace of the lease (default: the pod's, else slipway-system)",
    )
    .option('--termination-log <file>', 'where the summary is written; /dev/termination-log in a pod');
}

function commonOptions(command: Command): Command {
  return command
    .addOption(new Option('--pools <file>', 'the pools document').env('SLIPWAY_POOLS').makeOptionMandatory())
    .addOption(
      new Option(
        '--log <format>',
        'progress as text or NDJSON; auto: NDJSON where a command writes and no terminal is there',
      )
        .choices(['auto', 'text', 'json'])
        .default('auto'),
    )
    .option(
      '--timeout <seconds>',
      'longest run; a further one goes on from there (default: 3300, with more than 5 pools 600 for each)',
      wholeNumber,
    )
    .option('--arm-endpoint <url>', "Resource Manager's URL, for clouds that are not public")
    .option('--ca-file <file>', 'PEM of the certificate authorities to trust in place of the well-known ones')
    .option('--no-instance-discovery', 'for clouds whose authority host Microsoft does not list');
}

function waitOption(): Option {
  return new Option('--wait <level>', "how far to wait (default: each pool's own, gpu)").choices([
    'arm',
    'nodes',
    'gpu',
  ]);
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('give a whole number.');
  return Number(text);
}

function gpuCounts(): (vmSize: string) => number | undefined {
  return (vmSize) => machineFacts(vmSize).gpus;
}

function useColor(runtime: ProvisionRuntime): boolean {
  return runtime.isTerminal && !runtime.environment['NO_COLOR'];
}

function print(runtime: ProvisionRuntime, options: OutputOptions, value: unknown, table: () => string): void {
  runtime.stdout(options.output === 'json' ? JSON.stringify(value, null, 2) + '\n' : table());
}
