import type { Cloud } from '../spec/cluster';
import type { MachineType } from './machine';
import type { Provenance } from './model';
import { unfitReason } from './unfit';

/** A file of `presets/machines/`: what its schema describes. */
export interface MachineFile {
  readonly cloud: Cloud;
  readonly price: { readonly region: string; readonly date: string; readonly source: string };
  /** GPU models by name. */
  readonly gpus: Readonly<Record<string, GpuEntry>>;
  readonly machines: readonly MachineEntry[];
}

/** One GPU of a model. */
export interface GpuEntry {
  readonly vendor: MachineType['gpu']['vendor'];
  readonly computeCapability: number | null;
  readonly nominalBytes: number | null;
  readonly usableBytes: number | null;
  readonly provenance: Provenance;
}

/** One line of the file; what it leaves out has a default. */
export interface MachineEntry {
  readonly name: string;
  readonly aliases?: readonly string[];
  /** Name in `gpus`. */
  readonly gpu: string;
  readonly count: number | null;
  /** Of the fraction of a GPU that the machine has. @default that of the whole GPU */
  readonly nominalBytes?: number;
  readonly vcpus: number | null;
  readonly memoryBytes: number | null;
  /** @default `amd64` */
  readonly arch?: MachineType['arch'];
  /** @default none or unknown */
  readonly nvmeBytes?: number;
  /** @default `current` */
  readonly status?: MachineType['status'];
  readonly retirementDate?: string;
  readonly perHour: number | null;
  readonly spotPerHour?: number;
  /** @default `price.region` */
  readonly priceRegion?: string;
  readonly notes?: string;
}

/** The machine types of a file, in its order. A line whose GPU the file does not have is left out: the schema check says so. */
export function machinesOf(file: MachineFile): MachineType[] {
  return file.machines.flatMap((entry) => {
    const gpu = file.gpus[entry.gpu];
    return gpu === undefined ? [] : [machineOf(file, entry, gpu)];
  });
}

function machineOf(file: MachineFile, entry: MachineEntry, gpu: GpuEntry): MachineType {
  const arch = entry.arch ?? 'amd64';
  const isFraction = entry.count !== null && entry.count < 1;
  const facts = {
    vendor: gpu.vendor,
    model: entry.gpu,
    count: entry.count,
    nominalBytes: entry.nominalBytes ?? gpu.nominalBytes,
    // What a fraction reports is known of none of them.
    usableBytes: isFraction ? null : gpu.usableBytes,
    computeCapability: gpu.computeCapability,
    provenance: gpu.provenance,
  };
  return {
    cloud: file.cloud,
    name: entry.name,
    aliases: entry.aliases ?? [],
    vcpus: entry.vcpus,
    memoryBytes: entry.memoryBytes,
    arch,
    gpu: facts,
    nvmeBytes: entry.nvmeBytes ?? null,
    status: entry.status ?? 'current',
    retirementDate: entry.retirementDate ?? null,
    unfit: unfitReason(facts, arch),
    price: {
      perHour: entry.perHour,
      spotPerHour: entry.spotPerHour ?? null,
      region: entry.priceRegion ?? file.price.region,
      date: file.price.date,
      source: file.price.source,
    },
    notes: entry.notes ?? null,
  };
}
