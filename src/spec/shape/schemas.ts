import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Step } from '../fields';
import { fieldsAt } from './schema-fields';
import { Ajv, type AnySchemaObject, type ValidateFunction } from 'ajv';

/** The published schemas lie beside `src/` and, in the package, beside `lib/`. */
const FOLDER = join(__dirname, '..', '..', '..', 'schemas');

/** What one validator checks: a document of YAML, the props of TypeScript, or the content of a ConfigMap. */
export type Shape =
  | 'KaitoWorkspace'
  | 'KaitoInferenceSet'
  | 'KaitoMultiRoleInference'
  | 'PickerConfig'
  | 'SlipwayWorkspace'
  | 'WorkspaceProps'
  | 'InferenceConfig'
  | 'TrainingConfig'
  | 'Cluster'
  | 'ClusterProps'
  | 'Budget'
  | 'PodSpec';

/** Read when somebody gives parts of pods: most do not. */
const POD_SCHEMA = 'pod.schema.json';

const REFERENCES: Readonly<Record<Shape, string>> = {
  KaitoWorkspace: 'workspace.schema.json#/definitions/KaitoWorkspace',
  KaitoInferenceSet: 'workspace.schema.json#/definitions/KaitoInferenceSet',
  KaitoMultiRoleInference: 'workspace.schema.json#/definitions/KaitoMultiRoleInference',
  PickerConfig: 'workspace.schema.json#/definitions/PickerConfig',
  SlipwayWorkspace: 'workspace.schema.json#/definitions/SlipwayWorkspace',
  WorkspaceProps: 'workspace.schema.json#/definitions/WorkspaceProps',
  InferenceConfig: 'workspace.schema.json#/definitions/InferenceConfig',
  TrainingConfig: 'workspace.schema.json#/definitions/TrainingConfig',
  Cluster: 'cluster.schema.json#/definitions/Document',
  ClusterProps: 'cluster.schema.json#/definitions/ClusterProps',
  Budget: 'cluster.schema.json#/definitions/Budget',
  PodSpec: `${POD_SCHEMA}#/definitions/PodSpec`,
};

const WORKSPACE_SCHEMA = 'workspace.schema.json';

let ajv: Ajv | undefined;

/** A schema as it lies in the package. */
interface PublishedSchema {
  readonly $id: string;
  readonly definitions: Readonly<Record<string, unknown>>;
}

/**
 * A published schema with its root among its definitions. A reference into a schema compiles that schema's root, too;
 * without one, only what a run needs is compiled.
 */
function readSchema(file: string): AnySchemaObject {
  const schema = JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as PublishedSchema;
  const { $id, definitions, ...document } = schema;
  return { $id, definitions: { ...definitions, Document: document } };
}

function createAjv(): Ajv {
  const created = new Ajv({
    allErrors: true,
    // Errors carry the schema they come from: the nearest known field is looked up in it.
    verbose: true,
    discriminator: true,
    // The tests hold the schemas against the draft and against strict mode. A run compiles them once and uses them
    // for milliseconds: plain code that is made quickly is better there than good code.
    strict: false,
    validateSchema: false,
    inlineRefs: false,
    code: { optimize: false },
  });
  created.addSchema(readSchema(WORKSPACE_SCHEMA));
  created.addSchema(readSchema('cluster.schema.json'));
  return created;
}

/** Validator of `shape`, compiled at its first use. */
export function validatorOf(shape: Shape): ValidateFunction {
  ajv ??= createAjv();
  if (shape === 'PodSpec' && ajv.getSchema(POD_SCHEMA) === undefined) ajv.addSchema(readSchema(POD_SCHEMA));
  const validate = ajv.getSchema(REFERENCES[shape]);
  if (validate === undefined) throw new Error(`schema ${REFERENCES[shape]} is missing from the package`);
  return validate;
}

let workspaceSchema: AnySchemaObject | undefined;

/** Names of the fields that a `slipway.dev` Workspace has at `steps`. */
export function slipwayFieldsAt(steps: readonly Step[]): string[] {
  workspaceSchema ??= readSchema(WORKSPACE_SCHEMA);
  return fieldsAt(workspaceSchema, { $ref: '#/definitions/SlipwayWorkspace' }, steps);
}
