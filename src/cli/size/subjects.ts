import type { Catalog } from '../../catalog/catalog';
import type { MachineType } from '../../catalog/machine';
import type { Model } from '../../catalog/model';
import type { Cloud } from '../../spec/cluster';
import { offered } from '../../spec/nearest';
import type { SizeOptions } from './wishes';

/** The cloud that is searched when none is named: KAITO's first. */
const DEFAULT_CLOUD: Cloud = 'azure';

/** What a question is about. */
export interface Subjects {
  readonly model: Model;
  /** The machine type that is asked for; null for a search. */
  readonly machine: MachineType | null;
  readonly cloud: Cloud;
}

/** Looks model, machine type and cloud up, or tells everything that is not known, with the nearest names. */
export function findSubjects(
  options: SizeOptions,
  catalog: Catalog,
): Subjects | { readonly problems: readonly string[] } {
  const problems: string[] = [];
  const model = findModel(options.model, catalog, problems);
  const cloud = findCloud(options.cloud, catalog, problems);
  const machine = cloud === undefined ? null : findMachine(options, cloud, catalog, problems);
  if (problems.length > 0 || !model || cloud === undefined) return { problems };
  return { model, machine, cloud: machine?.cloud ?? cloud };
}

function findModel(name: string, catalog: Catalog, problems: string[]): Model | undefined {
  const model = catalog.model(name);
  if (model?.status === 'current') return model;
  if (model) {
    const instead = model.replacement === null ? '' : `; use ${model.replacement}`;
    problems.push(`--model ${model.name} cannot be served any more: ${model.reason}${instead}`);
  } else {
    const nearest = catalog.nearestModels(name);
    problems.push(
      `--model "${name}" is not in the catalogue${offer(nearest)}; "slipway catalog models" lists it, "slipway catalog add" extends it`,
    );
  }
  return undefined;
}

function findCloud(name: string | undefined, catalog: Catalog, problems: string[]): Cloud | undefined {
  if (name === undefined) return DEFAULT_CLOUD;
  const cloud = catalog.clouds().find((known) => known === name.toLowerCase());
  if (cloud === undefined) problems.push(`--cloud is "${name}"; allowed are ${catalog.clouds().join(', ')}`);
  return cloud;
}

/** Without a cloud, a machine's name tells which one is meant. */
function findMachine(
  options: SizeOptions,
  cloud: Cloud,
  catalog: Catalog,
  problems: string[],
): MachineType | null {
  const name = options.machine;
  if (name === undefined) return null;
  const clouds = options.cloud === undefined ? catalog.clouds() : [cloud];
  for (const each of clouds) {
    const machine = catalog.machine(each, name);
    if (machine) return machine;
  }
  const elsewhere = catalog.clouds().find((each) => catalog.machine(each, name) !== undefined);
  if (elsewhere !== undefined) {
    problems.push(
      `--machine ${name} is a machine type of ${elsewhere}, and --cloud is ${cloud}: leave --cloud out, or name a type of ${cloud}`,
    );
    return null;
  }
  const nearest = clouds.flatMap((each) => catalog.nearestMachines(each, name)).slice(0, 3);
  const where = options.cloud === undefined ? '' : ` on ${cloud}`;
  problems.push(
    `--machine "${name}" is not a GPU machine type that is known${where}${offer(nearest)}; "slipway catalog machines" lists them`,
  );
  return null;
}

function offer(names: readonly string[]): string {
  const question = offered(names);
  return question === undefined ? '' : `; ${question}`;
}
