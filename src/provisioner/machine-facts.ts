import { loadCatalog, type Catalog } from '../catalog/catalog';

/** What the catalogue knows about an Azure machine type. */
export interface MachineFacts {
  readonly gpus: number | undefined;
  /** US dollars an hour, list price on demand. */
  readonly pricePerHour: number | undefined;
}

let catalog: Catalog | undefined;

/** Looks an Azure machine type up by ARM's name. The catalogue is read at the first question. */
export function machineFacts(vmSize: string): MachineFacts {
  catalog ??= loadCatalog();
  const machine = catalog.machine('azure', vmSize);
  return {
    gpus: machine?.gpu.count ?? undefined,
    pricePerHour: machine?.price.perHour ?? undefined,
  };
}
