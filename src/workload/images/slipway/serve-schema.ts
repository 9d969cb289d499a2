import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv, { type ErrorObject, type ValidateFunction } from 'ajv/dist/2020';
import type { JsonObject } from '../../yaml';

/** What the runtime image's `serve` reads; a copy of the schema that it exports. Beside `src/` and `lib/`. */
const SCHEMA = join(__dirname, '..', '..', '..', '..', 'schemas', 'serve.schema.json');

let compiled: ValidateFunction | undefined;

/** What the server's own schema says about `config`; empty if it would be taken. */
export function serveConfigErrors(config: JsonObject): readonly ErrorObject[] {
  compiled ??= new Ajv({ allErrors: true, strict: false }).compile(
    JSON.parse(readFileSync(SCHEMA, 'utf8')) as object,
  );
  return compiled(config) ? [] : (compiled.errors ?? []);
}
