import { Ajv2020, type ErrorObject } from 'ajv/dist/2020';
import { isNode, LineCounter, parseDocument, type Document } from 'yaml';
import { InvalidInputError, type FilePosition, type Problem } from '../../spec/problem';
import { isRecord } from '../record';
import { checkPools, type Finding } from './check';
import type { ClusterTarget, PoolsDocument } from './document';
import { POOLS_SCHEMA } from './schema';

/** Environment variables that replace a field of `cluster`, so that one Git tree can serve several clusters. */
const TARGET_VARIABLES = {
  AZURE_SUBSCRIPTION_ID: 'subscriptionId',
  AZURE_RESOURCE_GROUP: 'resourceGroup',
  AKS_CLUSTER_NAME: 'name',
} as const satisfies Record<string, keyof ClusterTarget>;

const validate = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true }).compile<PoolsDocument>(
  POOLS_SCHEMA,
);

/**
 * Reads a pools document, JSON or YAML.
 *
 * @param file - name for messages
 * @param environment - `AZURE_SUBSCRIPTION_ID`, `AZURE_RESOURCE_GROUP` and `AKS_CLUSTER_NAME` override `cluster`
 * @throws InvalidInputError with every problem found, each with line and column
 */
export function readPools(
  text: string,
  file: string,
  environment: Readonly<Record<string, string | undefined>> = {},
): PoolsDocument {
  const lines = new LineCounter();
  const parsed = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  const at = (offset: number): FilePosition => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  if (parsed.errors.length > 0) {
    throw new InvalidInputError(
      parsed.errors.map((error) => ({
        severity: 'error',
        code: 'syntax',
        position: at(error.pos[0]),
        field: '',
        message: firstLine(error.message),
      })),
    );
  }
  const value: unknown = withTarget(parsed.toJS(), environment);
  if (validate(value)) {
    const findings = checkPools(value);
    if (findings.length === 0) return value;
    throw new InvalidInputError(findings.map((finding) => problemOf(finding, parsed, at)));
  }
  throw new InvalidInputError(
    (validate.errors ?? []).map((error) => problemOf(findingOf(error, value), parsed, at)),
  );
}

function withTarget(value: unknown, environment: Readonly<Record<string, string | undefined>>): unknown {
  if (!isRecord(value) || !isRecord(value['cluster'])) return value;
  const cluster = { ...value['cluster'] };
  for (const [variable, field] of Object.entries(TARGET_VARIABLES)) {
    const override = environment[variable];
    if (override) cluster[field] = override;
  }
  return { ...value, cluster };
}

function findingOf(error: ErrorObject, value: unknown): Finding {
  const path = error.instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replace(/~1/g, '/').replace(/~0/g, '~'))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  const given = path.reduce<unknown>(
    (parent, key) => (isRecord(parent) || Array.isArray(parent) ? Reflect.get(parent, key) : undefined),
    value,
  );
  switch (error.keyword) {
    case 'additionalProperties': {
      const name = String(error.params['additionalProperty']);
      return { path: [...path, name], code: 'unknown-field', message: `unknown field ${name}` };
    }
    case 'required':
      return {
        path,
        code: 'missing-field',
        message: `field ${String(error.params['missingProperty'])} is missing`,
      };
    case 'enum':
      return {
        path,
        code: 'value',
        message: `${shown(given)} is not accepted`,
        allowed: `one of ${(error.params['allowedValues'] as readonly unknown[]).join(', ')}`,
      };
    case 'const':
      return {
        path,
        code: path.at(-1) === 'schemaVersion' ? 'schema-version' : 'value',
        message: `${shown(given)} is not accepted`,
        allowed: String(error.params['allowedValue']),
      };
    default:
      return { path, code: 'value', message: `${shown(given)} ${error.message ?? 'is not accepted'}` };
  }
}

function problemOf(
  finding: Finding,
  document: Document.Parsed,
  at: (offset: number) => FilePosition,
): Problem {
  return {
    severity: 'error',
    code: finding.code,
    position: at(offsetOf(document, finding.path)),
    field: finding.path.reduce<string>(
      (field, key) => (typeof key === 'number' ? `${field}[${key}]` : field ? `${field}.${key}` : key),
      '',
    ),
    message: finding.message,
    ...(finding.allowed === undefined ? {} : { allowed: finding.allowed }),
  };
}

/** Offset of the value at `path`, or of its nearest parent that exists. */
function offsetOf(document: Document.Parsed, path: readonly (string | number)[]): number {
  for (let length = path.length; length >= 0; length--) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0] ?? message;
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
