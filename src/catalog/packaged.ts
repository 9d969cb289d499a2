import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Cloud } from '../spec/cluster';
import type { MachineType } from './machine';
import { machinesOf, type MachineFile } from './machine-file';
import type { CatalogModel } from './model';

/** The presets lie beside `src/` and, in the package, beside `lib/`. */
export const PACKAGED_FOLDER = join(__dirname, '..', '..', 'presets');

const MODELS = join(PACKAGED_FOLDER, 'models');
const MACHINES = join(PACKAGED_FOLDER, 'machines');
const EXTENSION = '.yaml';

/** Clouds that have a file of machine types. */
export const PACKAGED_CLOUDS: readonly Cloud[] = ['azure', 'aws', 'gcp'];

/** Names under which a model is found. */
export interface ModelIdentity {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly huggingFaceId: string;
  readonly status: CatalogModel['status'];
}

/** Names of the packaged models: those of their files, sorted. */
export function packagedModelNames(): string[] {
  return readdirSync(MODELS)
    .filter((file) => file.endsWith(EXTENSION))
    .map((file) => file.slice(0, -EXTENSION.length))
    .sort();
}

/** The packaged model of this exact name; undefined when there is none. */
export function readPackagedModel(name: string): CatalogModel | undefined {
  const file = modelFile(name);
  // A path is no name: only files of this one folder are presets.
  if (file === undefined || !existsSync(file)) return undefined;
  return parse(readFileSync(file, 'utf8')) as CatalogModel;
}

/**
 * Who the packaged models are, without parsing them: `slipway` starts in milliseconds because it parses only what it
 * is asked for. The packaged files have these keys on lines of their own (a test compares with the parsed files).
 */
export function packagedIdentities(): ModelIdentity[] {
  return packagedModelNames().map((name) => {
    const text = readFileSync(join(MODELS, `${name}${EXTENSION}`), 'utf8');
    const aliases = /^aliases: \[ ?(.*?) ?\]$/m.exec(text)?.[1] ?? '';
    return {
      name,
      aliases: aliases === '' ? [] : aliases.split(', '),
      huggingFaceId: /^huggingFaceId: (.+)$/m.exec(text)?.[1] ?? '',
      status: /^status: retired$/m.test(text) ? 'retired' : 'current',
    };
  });
}

/** The packaged machine types of a cloud. */
export function readPackagedMachines(cloud: Cloud): MachineType[] {
  return machinesOf(parse(readFileSync(join(MACHINES, `${cloud}${EXTENSION}`), 'utf8')) as MachineFile);
}

function modelFile(name: string): string | undefined {
  return /^[a-z0-9][a-z0-9.-]*$/.test(name) ? join(MODELS, `${name}${EXTENSION}`) : undefined;
}
