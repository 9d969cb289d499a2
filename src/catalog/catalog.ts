import type { Cloud } from '../spec/cluster';
import { nearestNames } from '../spec/nearest';
import type { MachineType } from './machine';
import type { CatalogModel } from './model';
import {
  PACKAGED_CLOUDS,
  packagedIdentities,
  packagedModelNames,
  readPackagedMachines,
  readPackagedModel,
  type ModelIdentity,
} from './packaged';
import { NO_USER_PRESETS, readUserPresets, type UserPresets } from './user-presets';

/** Names that an answer offers at most. */
const MAX_OFFERED = 3;

/** Models and machine types: facts, looked up. */
export interface Catalog {
  /** A model by its name, an alias or its Hugging Face id; letter case does not count. A retired one is found, too. */
  model(name: string): CatalogModel | undefined;
  /** All models by name, the retired ones among them. */
  models(): readonly CatalogModel[];
  /** A machine type by its name or an alias; letter case does not count. */
  machine(cloud: Cloud, name: string): MachineType | undefined;
  /** All machine types of `cloud`, or of all clouds, in the order of the files. */
  machines(cloud?: Cloud): readonly MachineType[];
  /** The clouds that it has machine types of. */
  clouds(): readonly Cloud[];
  /** Names of at most three servable models that `name` may have been meant for, best first; none when nothing is near. */
  nearestModels(name: string): readonly string[];
  /** Names of at most three machine types of `cloud` that `name` may have been meant for, best first. */
  nearestMachines(cloud: Cloud, name: string): readonly string[];
}

/**
 * The packaged catalogue; with `folder`, the user's own presets as well (`folder/models/*.yaml`,
 * `folder/machines/*.yaml`). Files are read when something of them is asked for, except the user's: those are checked
 * at once.
 *
 * @throws InvalidInputError with every problem of the user's files: unreadable, not as the schema says, or a name
 * that something else has already.
 */
export function loadCatalog(folder?: string): Catalog {
  return new FileCatalog(folder === undefined ? NO_USER_PRESETS : readUserPresets(folder));
}

class FileCatalog implements Catalog {
  private readonly parsed = new Map<string, CatalogModel>();
  private readonly byCloud = new Map<Cloud, readonly MachineType[]>();
  private readonly machineNames = new Map<Cloud, ReadonlyMap<string, MachineType>>();
  private modelNames: ReadonlyMap<string, string> | undefined;
  private readonly userModels: ReadonlyMap<string, CatalogModel>;

  constructor(private readonly user: UserPresets) {
    this.userModels = new Map(user.models.map((model) => [model.name, model]));
  }

  model(name: string): CatalogModel | undefined {
    const wanted = name.toLowerCase();
    // The name of a file needs no index: the usual case reads one file.
    return this.read(wanted) ?? this.read(this.index().get(wanted));
  }

  models(): readonly CatalogModel[] {
    return [...packagedModelNames(), ...this.userModels.keys()]
      .sort()
      .flatMap((name) => this.read(name) ?? []);
  }

  machine(cloud: Cloud, name: string): MachineType | undefined {
    let names = this.machineNames.get(cloud);
    if (names === undefined) {
      names = new Map(
        this.machines(cloud).flatMap((machine) =>
          [machine.name, ...machine.aliases].map((known) => [known.toLowerCase(), machine] as const),
        ),
      );
      this.machineNames.set(cloud, names);
    }
    return names.get(name.toLowerCase());
  }

  machines(cloud?: Cloud): readonly MachineType[] {
    if (cloud === undefined) return this.clouds().flatMap((each) => this.machines(each));
    let machines = this.byCloud.get(cloud);
    if (machines === undefined) {
      machines = [
        ...readPackagedMachines(cloud),
        ...this.user.machines.filter((machine) => machine.cloud === cloud),
      ];
      this.byCloud.set(cloud, machines);
    }
    return machines;
  }

  clouds(): readonly Cloud[] {
    return PACKAGED_CLOUDS;
  }

  nearestModels(name: string): readonly string[] {
    const known = new Map(
      this.identities()
        .filter((model) => model.status === 'current')
        .flatMap((model) => namesOf(model).map((each) => [each, model.name] as const)),
    );
    // Of an id on the hub the part behind the owner is what one remembers.
    const short = name.slice(name.lastIndexOf('/') + 1).toLowerCase();
    const near = [...nearestNames(name, known.keys()), ...nearestNames(short, known.keys())];
    return [...new Set(near.flatMap((each) => known.get(each) ?? []))].slice(0, MAX_OFFERED);
  }

  nearestMachines(cloud: Cloud, name: string): readonly string[] {
    return nearestNames(
      name,
      this.machines(cloud)
        .filter((machine) => machine.status === 'current')
        .map((machine) => machine.name),
    );
  }

  private read(name: string | undefined): CatalogModel | undefined {
    if (name === undefined) return undefined;
    const known = this.userModels.get(name) ?? this.parsed.get(name);
    if (known !== undefined) return known;
    const model = readPackagedModel(name);
    if (model !== undefined) this.parsed.set(name, model);
    return model;
  }

  /** Model names by everything a model is found by, in lower case. */
  private index(): ReadonlyMap<string, string> {
    this.modelNames ??= new Map(
      this.identities().flatMap((model) => namesOf(model).map((each) => [each.toLowerCase(), model.name])),
    );
    return this.modelNames;
  }

  private identities(): ModelIdentity[] {
    return [...packagedIdentities(), ...this.user.models];
  }
}

function namesOf(model: ModelIdentity): string[] {
  return [model.name, ...model.aliases, model.huggingFaceId];
}
