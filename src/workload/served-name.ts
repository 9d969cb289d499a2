import type { Decision } from './decision';

/** The model id under which the model of `decision` is served. */
export function servedName({ workspace, model }: Decision): string {
  return workspace.inference?.servedName ?? model.name;
}
