import { Command, Option } from 'commander';
import { loadCatalog } from '../../catalog/catalog';
import type { MachineType } from '../../catalog/machine';
import { EXIT_OK } from '../../fleet/exit-code';
import { printFailure } from '../../fleet/report';
import type { Cloud } from '../../spec/cluster';
import { inGib, parseGib, printJson, printTable, type Column } from './listing';

interface MachineFilters {
  readonly cloud?: Cloud;
  readonly gpu?: string;
  /** Bytes. */
  readonly fitsMemory?: number;
  readonly all?: boolean;
}

interface MachinesOptions extends MachineFilters {
  readonly json?: boolean;
  readonly presets?: string;
}

const COLUMNS: readonly Column<MachineType>[] = [
  { title: 'NAME', text: ({ name }) => name },
  { title: 'CLOUD', text: ({ cloud }) => cloud },
  { title: 'GPUS', align: 'right', text: ({ gpu }) => gpu.count?.toString() ?? '?' },
  { title: 'GPU', text: ({ gpu }) => gpu.model },
  { title: 'USABLE GiB', align: 'right', text: ({ gpu }) => gibOrUnknown(gpu.usableBytes) },
  { title: 'VCPUS', align: 'right', text: ({ vcpus }) => vcpus?.toString() ?? '?' },
  { title: 'MEMORY GiB', align: 'right', text: ({ memoryBytes }) => gibOrUnknown(memoryBytes) },
  {
    title: 'NVME GiB',
    align: 'right',
    text: ({ nvmeBytes }) => (nvmeBytes === null ? '' : inGib(nvmeBytes)),
  },
  { title: 'USD/HOUR', align: 'right', text: ({ price }) => price.perHour?.toFixed(3) ?? '?' },
  { title: 'PRICE OF', text: ({ price }) => `${price.region} ${price.date}` },
  { title: 'STATUS', text: statusOf },
];

/** `slipway catalog machines`. */
export function machinesCommand(): Command {
  return new Command('machines')
    .description('list the GPU machine types')
    .argument('[text]', 'only those with this text in their name or alias')
    .addOption(new Option('--cloud <cloud>', 'only those of one cloud').choices(['azure', 'aws', 'gcp']))
    .option('--gpu <model>', 'only those with this text in the name of their GPU, such as H100')
    .option(
      '--fits-memory <GiB>',
      'only those whose GPUs together have as much usable memory; "slipway size" says what really fits',
      parseGib,
    )
    .option('--all', 'retired, renamed and unfit ones, too')
    .option('--presets <folder>', 'folder with presets of your own')
    .option('--json', 'print a JSON array of the machine types')
    .action((text: string | undefined, options: MachinesOptions) => {
      process.exitCode = listMachines(text, options);
    });
}

function listMachines(text: string | undefined, options: MachinesOptions): number {
  try {
    const matching = loadCatalog(options.presets)
      .machines(options.cloud)
      .filter((machine) => matches(machine, text, options));
    const machines = options.all === true ? matching : matching.filter(isUsable);
    if (options.json === true) printJson(machines);
    else if (machines.length > 0) printTable(machines, COLUMNS);
    if (matching.length === 0) process.stderr.write('no machine type matches\n');
    const hidden = matching.length - machines.length;
    if (hidden > 0) {
      process.stderr.write(`${hidden} retired, renamed or unfit machine types are not listed: see --all\n`);
    }
    return EXIT_OK;
  } catch (error) {
    return printFailure(error, process.stderr);
  }
}

function matches(machine: MachineType, text: string | undefined, filters: MachineFilters): boolean {
  const names = [machine.name, ...machine.aliases].map((name) => name.toLowerCase());
  const { gpu, fitsMemory } = filters;
  return (
    (text === undefined || names.some((name) => name.includes(text.toLowerCase()))) &&
    (gpu === undefined || machine.gpu.model.toLowerCase().includes(gpu.toLowerCase())) &&
    (fitsMemory === undefined || (machine.gpu.usableBytes ?? 0) * (machine.gpu.count ?? 0) >= fitsMemory)
  );
}

/** True when a model of the catalogue can be placed on it. */
function isUsable(machine: MachineType): boolean {
  return machine.unfit === null && machine.status !== 'retired' && machine.status !== 'renamed';
}

function statusOf({ status, retirementDate, unfit }: MachineType): string {
  const parts = [
    ...(status === 'current' ? [] : [retirementDate === null ? status : `${status} ${retirementDate}`]),
    ...(unfit === null ? [] : [`unfit: ${unfit}`]),
  ];
  return parts.join('; ');
}

function gibOrUnknown(bytes: number | null): string {
  return bytes === null ? '?' : inGib(bytes);
}
