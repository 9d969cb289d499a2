import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv, { type ErrorObject, type ValidateFunction } from 'ajv/dist/2020';
import type { TuningSpec, WorkspaceSpec } from '../../spec/normal';
import { child, formatField } from '../../spec/fields';
import { didYouMean } from '../../spec/nearest';
import type { Problem } from '../../spec/problem';

/** What the runtime image's `tune` reads; a copy of the schema that it writes. Beside `src/` and `lib/`. */
const SCHEMA = join(__dirname, '..', '..', '..', 'schemas', 'training.schema.json');
const FIELD = 'tuning.config';

let compiled: ValidateFunction | undefined;

/** Everything in the user's training config that the tuning program would refuse after the nodes are there. */
export function checkConfig(workspace: WorkspaceSpec, { config }: TuningSpec): Problem[] {
  if (config === null) return [];
  compiled ??= new Ajv({ allErrors: true, strict: false, verbose: true }).compile(
    JSON.parse(readFileSync(SCHEMA, 'utf8')) as object,
  );
  if (compiled({ training_config: config })) return [];
  const problems = (compiled.errors ?? []).map((error) => problemOf(workspace, error));
  // An alternative of a choice complains on its own; one message for each field says enough.
  return [...new Map(problems.toReversed().map((each) => [each.field, each])).values()].toReversed();
}

function problemOf(workspace: WorkspaceSpec, error: ErrorObject): Problem {
  const steps = error.instancePath
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  const parent = `${FIELD}.${formatField(steps)}`;
  if (error.keyword !== 'additionalProperties') {
    return {
      severity: 'error',
      code: 'invalid-training-config',
      ...workspace.at(parent),
      message: `${JSON.stringify(error.data)} ${error.message ?? 'is not accepted'}`,
      next: 'change it: the tuning program would refuse it',
    };
  }
  const name = String((error.params as { readonly additionalProperty?: unknown }).additionalProperty);
  const field = child(parent, name);
  const known = Object.keys((error.parentSchema?.['properties'] as object | undefined) ?? {});
  const near = didYouMean(name, known);
  return {
    severity: 'error',
    code: 'unknown-training-option',
    ...workspace.at(field),
    message: 'the tuning program has no such option',
    ...(near === undefined ? {} : { allowed: near }),
    next: 'remove it, or look it up in schemas/training.schema.json',
  };
}
