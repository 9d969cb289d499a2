import type { Decision } from './decision';

/** The model ids under which the model of `decision` is served; the first one stands in answers and metrics. */
export function modelNames({ workspace, model }: Decision): readonly [string, ...string[]] {
  return workspace.inference?.servedNames ?? [model.name];
}
