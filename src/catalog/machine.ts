import type { Cloud } from '../spec/cluster';
import type { Provenance } from './model';

/** A GPU machine type (VM size): one line of `presets/machines/<cloud>.yaml` with its GPU of `gpus.yaml`. Facts only. */
export interface MachineType {
  readonly cloud: Cloud;
  /** The name that the cloud's API takes. */
  readonly name: string;
  readonly aliases: readonly string[];
  readonly vcpus: number | null;
  readonly memoryBytes: number | null;
  readonly arch: 'amd64' | 'arm64';
  readonly gpu: {
    readonly vendor: 'nvidia' | 'amd';
    readonly model: string;
    /** Whole GPUs; null where unknown, below 1 for a fraction. */
    readonly count: number | null;
    /** Memory of one GPU (or of the fraction) as the data sheet names it, in bytes. KAITO's figure where KAITO lists the type. */
    readonly nominalBytes: number | null;
    /** What CUDA reports as the memory of one GPU, in bytes; `provenance` says how well it is known. Null where unknown. */
    readonly usableBytes: number | null;
    /** CUDA compute capability; null for GPUs without CUDA. */
    readonly computeCapability: number | null;
    /** Where `usableBytes` comes from. */
    readonly provenance: Provenance;
  };
  /** Local NVMe disks, in bytes together; null where there are none or unknown. */
  readonly nvmeBytes: number | null;
  /** `limited`: sold in few regions, as a preview, or in special forms only (see `notes`); `renamed`: an older name. */
  readonly status: 'current' | 'retired' | 'limited' | 'renamed';
  /** ISO date; null unless a retirement is known. */
  readonly retirementDate: string | null;
  /** Why it cannot run the catalogue's models, though it may be bought: a fraction of a GPU, AMD, compute capability below 8.0. Null: it can. */
  readonly unfit: string | null;
  readonly price: {
    /** US dollars an hour, on demand, Linux; null where no price is known. */
    readonly perHour: number | null;
    readonly spotPerHour: number | null;
    /** Region of the price, as the cloud names it. */
    readonly region: string;
    /** ISO date of the price list. */
    readonly date: string;
    readonly source: string;
  };
  readonly notes: string | null;
}
