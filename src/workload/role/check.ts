import type { Problem } from '../../spec/problem';
import type { Decision } from '../decision';
import { roleOf } from '.';

/** What keeps `decision` from being one half of serving. */
export function checkRole(decision: Decision): Problem[] {
  const { workspace } = decision;
  if (roleOf(decision) === undefined || workspace.inference?.runtime !== 'transformers') return [];
  return [
    {
      severity: 'error',
      code: 'role-without-kv-transfer',
      ...workspace.at('inference.runtime'),
      message: 'the transformers runtime hands no KV cache over',
      next: 'use the runtime vllm, or serve the whole model in one Workspace',
    },
  ];
}
