import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type AnySchemaObject } from 'ajv';
import { parse } from 'yaml';
import type { MachineFile } from '../../src/catalog/machine-file';
import type { CatalogModel } from '../../src/catalog/model';
import { PACKAGED_FOLDER, packagedIdentities } from '../../src/catalog/packaged';

const SCHEMAS = join(__dirname, '..', '..', 'schemas');
const ajv = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true, discriminator: true });

function schema(name: string): AnySchemaObject {
  return JSON.parse(readFileSync(join(SCHEMAS, name), 'utf8')) as AnySchemaObject;
}

function files(folder: string): [string, unknown][] {
  return readdirSync(join(PACKAGED_FOLDER, folder)).map((file) => [
    file,
    parse(readFileSync(join(PACKAGED_FOLDER, folder, file), 'utf8')),
  ]);
}

const models = files('models') as [string, CatalogModel][];
const machines = files('machines') as [string, MachineFile][];

describe('model.schema.json', () => {
  const validate = ajv.compile(schema('model.schema.json'));

  test.each(models)('accepts presets/models/%s', (_file, model) => {
    expect([validate(model), validate.errors]).toEqual([true, null]);
  });

  test('refuses a key that it does not know, at every depth', () => {
    const [, model] = models.find(([file]) => file === 'gpt-oss-20b.yaml') ?? [];
    for (const path of mapsIn(model)) {
      const changed: unknown = structuredClone(model);
      Reflect.set(follow(changed, path), 'surprise', 1);
      expect([path.join('.'), validate(changed)]).toEqual([path.join('.'), false]);
    }
  });

  test('refuses figures without a source', () => {
    const [, model] = models.find(([file]) => file === 'phi-4.yaml') ?? [];
    const changed = structuredClone(model);
    Reflect.deleteProperty(follow(changed, ['provenance']), 'weightBytes');
    expect(validate(changed)).toBe(false);
  });
});

describe('machines.schema.json', () => {
  const validate = ajv.compile(schema('machines.schema.json'));

  test.each(machines)('accepts presets/machines/%s', (_file, file) => {
    expect([validate(file), validate.errors]).toEqual([true, null]);
  });

  test('refuses a key that it does not know', () => {
    const [, file] = machines[0] ?? [];
    const line = { ...file?.machines[0], surprise: 1 };
    expect(validate({ ...file, machines: [line] })).toBe(false);
    expect(validate({ ...file, surprise: 1 })).toBe(false);
  });
});

describe('the files of presets/', () => {
  test('hold 60 models that can be served and 11 retired names', () => {
    expect(models.filter(([, model]) => model.status === 'current')).toHaveLength(60);
    expect(models.filter(([, model]) => model.status === 'retired')).toHaveLength(11);
  });

  test('are named like their models', () => {
    for (const [file, model] of models) expect(file).toBe(`${model.name}.yaml`);
  });

  test('let the names of a model be read without parsing the file', () => {
    const parsed = models
      .map(([, { name, aliases, huggingFaceId, status }]) => ({ name, aliases, huggingFaceId, status }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    expect(packagedIdentities()).toEqual(parsed);
  });

  test('give no two models a name in common', () => {
    const names = models.flatMap(([, { name, aliases, huggingFaceId }]) =>
      [name, ...aliases, huggingFaceId].map((each) => each.toLowerCase()),
    );
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  test('offer a current model in the place of a retired one', () => {
    const current = new Set(models.flatMap(([, model]) => (model.status === 'current' ? [model.name] : [])));
    for (const [, model] of models) {
      if (model.status === 'retired' && model.replacement !== null) {
        expect(current).toContain(model.replacement);
      }
    }
  });

  test('hold 159 machine types, each with a GPU of its file and a name of its own', () => {
    const all = machines.flatMap(([, file]) => file.machines);
    expect(all).toHaveLength(159);
    for (const [, file] of machines) {
      for (const machine of file.machines) expect(Object.keys(file.gpus)).toContain(machine.gpu);
      const names = file.machines.flatMap(({ name, aliases = [] }) => [name, ...aliases]);
      expect(new Set(names).size).toBe(names.length);
    }
  });

  test('use every GPU that they describe', () => {
    for (const [, file] of machines) {
      const used = new Set(file.machines.map((machine) => machine.gpu));
      expect(Object.keys(file.gpus).filter((gpu) => !used.has(gpu))).toEqual([]);
    }
  });

  test('say that no GPU has more usable than nominal memory', () => {
    for (const [, file] of machines) {
      for (const gpu of Object.values(file.gpus)) {
        if (gpu.usableBytes === null || gpu.nominalBytes === null) continue;
        expect(gpu.usableBytes).toBeLessThan(gpu.nominalBytes);
        expect(gpu.usableBytes).toBeGreaterThan(gpu.nominalBytes * 0.9);
      }
    }
  });
});

/** Paths of all maps in `value`, itself included. */
function mapsIn(value: unknown, path: (string | number)[] = []): (string | number)[][] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item, index) => mapsIn(item, [...path, index]));
  return [path, ...Object.entries(value).flatMap(([key, item]) => mapsIn(item, [...path, key]))];
}

function follow(value: unknown, path: readonly (string | number)[]): object {
  const found = path.reduce<unknown>((at, step) => Reflect.get(Object(at) as object, step) as unknown, value);
  return Object(found) as object;
}
