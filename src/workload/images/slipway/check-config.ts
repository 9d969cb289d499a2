import type { ErrorObject } from 'ajv';
import { child, formatField } from '../../../spec/fields';
import type { Problem } from '../../../spec/problem';
import { isDecidedElsewhere } from '../../checks/options';
import type { Decision } from '../../decision';
import { IMAGE_FIELDS } from '../chosen';
import { serveSettings } from './config';
import { serveConfigErrors } from './serve-schema';

const FIELD = 'inference.config';

/** What the server would refuse of its config, as problems of the fields that it comes from. */
export function checkServeConfig(decision: Decision): Problem[] {
  const errors = serveConfigErrors(serveSettings(decision, null));
  const problems = errors.flatMap((error) => problemOf(decision, error));
  // An alternative of a choice complains on its own; one message for each field says enough.
  return [...new Map(problems.map((each) => [each.field, each])).values()];
}

function problemOf({ workspace }: Decision, error: ErrorObject): Problem[] {
  // Says what its alternatives or its names have said already.
  if (error.keyword === 'anyOf' || error.keyword === 'propertyNames') return [];
  const { propertyName } = error;
  const steps = error.instancePath.split('/').slice(1);
  const path = formatField(steps);
  if (propertyName !== undefined) {
    if (isDecidedElsewhere(propertyName)) return [];
    const field = child(`${FIELD}.${path}`, propertyName);
    return [
      {
        severity: 'error',
        code: 'option-of-the-server',
        ...workspace.at(field),
        message: `the server of the image sets ${propertyName} itself, and would not start`,
        next: `remove ${propertyName} from ${FIELD}, or choose the image vllm (${IMAGE_FIELDS})`,
      },
    ];
  }
  const field = steps[0] === 'runtime' ? 'inference' : `${FIELD}.${path}`;
  return [
    {
      severity: 'error',
      code: 'invalid-server-config',
      ...workspace.at(field),
      message: `${path} ${error.message ?? 'is not accepted'}: the server would not start`,
      next: 'change it; schemas/serve.schema.json says what is allowed',
    },
  ];
}
