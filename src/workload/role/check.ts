import type { Problem } from '../../spec/problem';
import type { Decision } from '../decision';
import { roleOf } from '.';

/** What keeps `decision` from being one half of serving. */
export function checkRole(decision: Decision): Problem[] {
  const { workspace, placement, model } = decision;
  const role = roleOf(decision);
  if (role === undefined) return [];
  const problems: Problem[] = [];
  const add = (severity: Problem['severity'], code: string, field: string, message: string, next: string) => {
    problems.push({ severity, code, position: workspace.locate(field), field, message, next });
  };
  if (placement.nodes > 1) {
    add(
      'error',
      'role-over-several-nodes',
      'resource.instanceType',
      `${model.name} needs ${placement.nodes} nodes of ${placement.machine.name}, and the ${role.type} half of it has to be on one: its KV cache is handed over by one server`,
      'choose a machine type that holds the model on one node, or serve the whole model in one Workspace',
    );
  }
  if (workspace.inference?.runtime === 'transformers') {
    add(
      'error',
      'role-without-kv-transfer',
      'inference.runtime',
      'the transformers runtime hands no KV cache over',
      'use the runtime vllm, or serve the whole model in one Workspace',
    );
  }
  return problems;
}
