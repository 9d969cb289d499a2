import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidInputError, type Problem } from '../spec/problem';
import type { Locator } from '../spec/report';
import { machinesOf } from './machine-file';
import type { MachineType } from './machine';
import type { CatalogModel } from './model';
import { packagedIdentities, PACKAGED_CLOUDS, readPackagedMachines } from './packaged';
import { fileProblem, readMachineFile, readModelFile } from './preset-file';

/** The user's own presets. */
export interface UserPresets {
  readonly models: readonly CatalogModel[];
  readonly machines: readonly MachineType[];
}

export const NO_USER_PRESETS: UserPresets = { models: [], machines: [] };

/** Something that has a name already: who, and for messages where. */
type Owners = Map<string, string>;

/**
 * Read `folder/models/*.yaml` and `folder/machines/*.yaml`; either folder may be missing.
 *
 * @throws InvalidInputError with every problem of the files, names that something else has already among them
 */
export function readUserPresets(folder: string): UserPresets {
  const problems: Problem[] = [];
  const modelFiles = presetFiles(join(folder, 'models'));
  const machineFiles = presetFiles(join(folder, 'machines'));
  if (modelFiles === null && machineFiles === null) {
    problems.push(
      fileProblem(
        folder,
        'no-presets',
        'has neither a folder models nor a folder machines',
        'name the folder that has them',
      ),
    );
  }
  const models = readModels(modelFiles ?? [], problems);
  const machines = readMachines(machineFiles ?? [], problems);
  if (problems.some(({ severity }) => severity === 'error')) throw new InvalidInputError(problems);
  return { models, machines };
}

function readModels(files: readonly string[], problems: Problem[]): CatalogModel[] {
  if (files.length === 0) return [];
  const owners: Owners = new Map(
    packagedIdentities().flatMap((model) =>
      [model.name, ...model.aliases, model.huggingFaceId].map((name) => [
        name.toLowerCase(),
        `model ${model.name} of the catalogue`,
      ]),
    ),
  );
  return files.flatMap((file) => {
    const read = readModelFile(file);
    problems.push(...read.problems);
    if (read.value === null) return [];
    const model = read.value;
    claim(owners, file, read.locator, problems, [
      ['name', model.name],
      ...model.aliases.map((alias, index) => [`aliases[${index}]`, alias] as const),
      ['huggingFaceId', model.huggingFaceId],
    ]);
    return [model];
  });
}

function readMachines(files: readonly string[], problems: Problem[]): MachineType[] {
  if (files.length === 0) return [];
  const owners: Owners = new Map(
    PACKAGED_CLOUDS.flatMap((cloud) =>
      readPackagedMachines(cloud).flatMap((machine) =>
        [machine.name, ...machine.aliases].map(
          (name) => [`${cloud} ${name.toLowerCase()}`, `the catalogue`] as const,
        ),
      ),
    ),
  );
  return files.flatMap((file) => {
    const read = readMachineFile(file);
    problems.push(...read.problems);
    if (read.value === null) return [];
    const { cloud, machines } = read.value;
    claim(
      owners,
      file,
      read.locator,
      problems,
      machines.flatMap(({ name, aliases = [] }, index) => [
        [`machines[${index}].name`, name] as const,
        ...aliases.map((alias, at) => [`machines[${index}].aliases[${at}]`, alias] as const),
      ]),
      `${cloud} `,
    );
    return machinesOf(read.value);
  });
}

/** Take names for a file; those that are taken are problems. */
function claim(
  owners: Owners,
  file: string,
  locator: Locator,
  problems: Problem[],
  names: readonly (readonly [field: string, name: string])[],
  scope = '',
): void {
  for (const [field, name] of names) {
    const key = `${scope}${name.toLowerCase()}`;
    const owner = owners.get(key);
    if (owner === undefined) {
      owners.set(key, file);
      continue;
    }
    problems.push({
      severity: 'error',
      code: 'duplicate-preset',
      position: locator.locate(field),
      field,
      message: `${JSON.stringify(name)} is taken by ${owner}`,
      next: 'choose another name',
    });
  }
}

/** The YAML files of `folder`, sorted; null when there is no such folder. */
function presetFiles(folder: string): string[] | null {
  if (!existsSync(folder)) return null;
  return readdirSync(folder)
    .filter((file) => /\.ya?ml$/.test(file))
    .sort()
    .map((file) => join(folder, file));
}
