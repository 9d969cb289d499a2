import type { ErrorObject } from 'ajv';
import { child, formatField, type Step } from '../fields';
import { didYouMean } from '../nearest';
import { isPlainMap } from './empty-fields';
import { shown, shownWithType } from './shown';

/** A violation of a schema, in our words. */
export interface Violation {
  readonly code: string;
  readonly field: string;
  readonly message: string;
  readonly allowed?: string | undefined;
  readonly next?: string | undefined;
  readonly atKey?: boolean;
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'a string',
  integer: 'an integer',
  number: 'a number',
  boolean: 'true or false',
  object: 'a map',
  array: 'a list',
  null: 'nothing',
};

/** What `error` says about `document`; undefined for the errors that only repeat others. */
export function violationOf(error: ErrorObject, document: unknown): Violation | undefined {
  const steps = stepsOf(error.instancePath, document);
  const describe = DESCRIPTIONS[error.keyword];
  if (describe !== undefined) return describe(error, formatField(steps));
  // `if` and `oneOf` fail along with what they hold.
  if (error.keyword === 'if' || error.keyword === 'oneOf') return undefined;
  return {
    code: 'invalid-value',
    field: formatField(steps),
    message: error.message ?? `breaks the rule ${error.keyword}`,
  };
}

/** Steps of a JSON pointer into `document`: only there one sees which are indices. */
export function stepsOf(pointer: string, document: unknown): Step[] {
  let here = document;
  return pointer
    .split('/')
    .slice(1)
    .map((part) => {
      const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
      if (Array.isArray(here)) {
        const index = Number(key);
        here = here[index] as unknown;
        return index;
      }
      here = isPlainMap(here) ? here[key] : undefined;
      return key;
    });
}

const DESCRIPTIONS: Readonly<Record<string, (error: ErrorObject, field: string) => Violation>> = {
  additionalProperties: unknownField,
  required: missingField,
  type: wrongType,
  enum: (error, field) => notInList(field, error.data, params(error, 'allowedValues')),
  const: (error, field) => notInList(field, error.data, [params(error, 'allowedValue')]),
  discriminator: unknownTag,
  pattern: (error, field) => ({
    code: 'invalid-value',
    field,
    message: `${shown(error.data)} is not well-formed`,
    allowed: describedAs(error) ?? `text that matches ${String(params(error, 'pattern'))}`,
  }),
  minimum: outOfRange,
  maximum: outOfRange,
  exclusiveMinimum: outOfRange,
  exclusiveMaximum: outOfRange,
  minLength: (_error, field) => ({
    code: 'empty-value',
    field,
    message: 'is empty',
    next: 'give it a value, or remove it',
  }),
  minItems: (error, field) => ({
    code: 'too-few-items',
    field,
    message: 'is an empty list',
    allowed: `at least ${String(params(error, 'limit'))}`,
  }),
  maxItems: (error, field) => ({
    code: 'too-many-items',
    field,
    message: `has ${Array.isArray(error.data) ? error.data.length : 'too many'} entries`,
    allowed: `at most ${String(params(error, 'limit'))}`,
  }),
  minProperties: (_error, field) => ({
    code: 'empty-value',
    field,
    message: 'is an empty map',
    next: 'give it a value, or remove it',
  }),
  uniqueItems: (error, field) => ({
    code: 'duplicate-item',
    field,
    message: `entries ${String(params(error, 'j'))} and ${String(params(error, 'i'))} (counted from 0) are the same`,
    next: 'remove one of them',
  }),
};

function unknownField(error: ErrorObject, parent: string): Violation {
  const name = String(params(error, 'additionalProperty'));
  const known = knownFields(error);
  const near = didYouMean(name, known);
  return {
    code: 'unknown-field',
    field: child(parent, name),
    message: 'unknown field',
    ...(known.length > 0 && { allowed: known.join(', ') }),
    ...(near !== undefined && { next: near }),
    atKey: true,
  };
}

function knownFields(error: ErrorObject): string[] {
  const schema: unknown = error.parentSchema;
  const properties = isPlainMap(schema) ? schema['properties'] : undefined;
  return isPlainMap(properties) ? Object.keys(properties) : [];
}

function missingField(error: ErrorObject, parent: string): Violation {
  const name = String(params(error, 'missingProperty'));
  return { code: 'missing-field', field: child(parent, name), message: 'is required', next: 'add it' };
}

function wrongType(error: ErrorObject, field: string): Violation {
  const types = [params(error, 'type')].flat().map(String);
  const expected = types.map((type) => TYPE_NAMES[type] ?? type).join(' or ');
  const quote = types.includes('string') && ['number', 'boolean'].includes(typeof error.data);
  return {
    code: 'wrong-type',
    field,
    message: `expected ${expected}, got ${shownWithType(error.data)}`,
    ...(quote && { next: 'put the value in quotes' }),
  };
}

function notInList(field: string, given: unknown, allowed: unknown): Violation {
  const values = (Array.isArray(allowed) ? allowed : [allowed]).map(String);
  return {
    code: 'invalid-value',
    field,
    message: `${shown(given)} is not allowed`,
    allowed: values.join(', '),
    next: typeof given === 'string' ? didYouMean(given, values) : undefined,
  };
}

function unknownTag(error: ErrorObject, parent: string): Violation {
  const tag = String(params(error, 'tag'));
  const given = params(error, 'tagValue');
  const schema: unknown = error.parentSchema;
  const branches: unknown[] = isPlainMap(schema) && Array.isArray(schema['oneOf']) ? schema['oneOf'] : [];
  const values = branches.flatMap((branch) => {
    const properties = isPlainMap(branch) ? branch['properties'] : undefined;
    const property = isPlainMap(properties) ? properties[tag] : undefined;
    return isPlainMap(property) ? [String(property['const'])] : [];
  });
  if (given === undefined)
    return {
      code: 'missing-field',
      field: child(parent, tag),
      message: 'is required',
      allowed: values.join(', '),
    };
  return notInList(child(parent, tag), given, values);
}

function outOfRange(error: ErrorObject, field: string): Violation {
  return {
    code: 'out-of-range',
    field,
    message: `${shown(error.data)} is out of range`,
    allowed: `${String(params(error, 'comparison'))} ${String(params(error, 'limit'))}`,
  };
}

function describedAs(error: ErrorObject): string | undefined {
  const schema: unknown = error.parentSchema;
  const description = isPlainMap(schema) ? schema['description'] : undefined;
  return typeof description === 'string' ? description.replace(/\.$/, '') : undefined;
}

function params(error: ErrorObject, name: string): unknown {
  return (error.params as Readonly<Record<string, unknown>>)[name];
}
