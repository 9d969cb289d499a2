import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type AnySchemaObject, type ValidateFunction } from 'ajv';

/** The published schemas lie beside `src/` and, in the package, beside `lib/`. */
const FOLDER = join(__dirname, '..', '..', 'schemas');

export type PresetKind = 'model' | 'machines';

const validators = new Map<PresetKind, ValidateFunction>();

/** Validator of a preset file, compiled at its first use. */
export function presetValidator(kind: PresetKind): ValidateFunction {
  let validate = validators.get(kind);
  if (validate === undefined) {
    const schema = JSON.parse(readFileSync(join(FOLDER, `${kind}.schema.json`), 'utf8')) as AnySchemaObject;
    validate = new Ajv({
      allErrors: true,
      // Errors carry the schema they come from: the nearest known field is looked up in it.
      verbose: true,
      discriminator: true,
      allowUnionTypes: true,
    }).compile(schema);
    validators.set(kind, validate);
  }
  return validate;
}
