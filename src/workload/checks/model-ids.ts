import type { Problem } from '../../spec/problem';
import { adaptersOf } from '../adapters';
import type { Decision } from '../decision';
import { modelNames } from '../served-name';
import { adapterIds } from '../serving-pods';

/** Adapters under a model id of the model itself: a request could not say which of the two it means. */
export function checkModelIds(decision: Decision): Problem[] {
  const names: readonly string[] = modelNames(decision);
  // One that is merged into the model has no id.
  const ids = adapterIds(decision);
  return adaptersOf(decision).flatMap(({ name }, index): Problem[] => {
    if (!ids.includes(name) || !names.includes(name)) return [];
    return [
      {
        severity: 'error',
        code: 'duplicate-name',
        ...decision.workspace.at(`inference.adapters[${index}].source.name`),
        message: `${name} is a model id of the model itself already, so that requests could not choose between the two`,
        next: 'give the adapter another name, or the model another inference.servedName',
      },
    ];
  });
}
