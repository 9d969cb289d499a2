import type { WorkspaceSpec } from '../spec/normal';
import type { Problem } from '../spec/problem';
import type { VllmOptionValue } from '../spec/workspace';
import type { Decision } from '../workload/decision';

/** The Workspaces of `all` that are the other half of `workspace`'s model. */
export function otherHalves(workspace: WorkspaceSpec, all: readonly WorkspaceSpec[]): WorkspaceSpec[] {
  const role = workspace.inference?.role;
  if (role === undefined) return [];
  return all.filter(
    ({ namespace, inference }) =>
      namespace === workspace.namespace &&
      inference?.role?.of === role.of &&
      inference.role.type !== role.type,
  );
}

/** Whether there is one other half. */
export function checkHalves(workspace: WorkspaceSpec, others: readonly WorkspaceSpec[]): Problem[] {
  const role = workspace.inference?.role;
  if (role === undefined || others.length === 1) return [];
  const other = role.type === 'prefill' ? 'decode' : 'prefill';
  const { namespace } = workspace;
  return [
    {
      severity: 'error',
      code: 'role-without-peer',
      ...workspace.at('inference.role'),
      message:
        others.length === 0
          ? `there is no ${other} half of ${role.of} in namespace ${namespace}`
          : `there are ${others.length} ${other} halves of ${role.of} in namespace ${namespace}: ${others.map(({ name }) => name).join(', ')}`,
      allowed: 'one prefill and one decode Workspace of that name in the namespace',
      next:
        others.length === 0
          ? `add a Workspace with inference.role {type: ${other}, of: ${role.of}}, or remove inference.role`
          : 'keep one, with more replicas, or give it another name',
    },
  ];
}

/** Options of vLLM that the form of the KV cache depends on: one half writes it and the other reads it. */
const OPTIONS_OF_KV_CACHE = ['block-size', 'dtype', 'kv-cache-dtype', 'quantization'] as const;

/** An option's value in words. */
function shown(value: VllmOptionValue | undefined): string {
  return value === undefined ? 'not given' : JSON.stringify(value);
}

/** What keeps two halves from handing a KV cache over. Said once, at the decode half. */
export function checkPair(own: Decision, other: Decision): Problem[] {
  const { workspace } = own;
  if (workspace.inference?.role?.type !== 'decode') return [];
  const differ = (field: string, message: string, next: string): Problem => ({
    severity: 'error',
    code: 'roles-differ',
    ...workspace.at(field),
    message,
    next,
  });
  const problems: Problem[] = [];
  if (own.model.name !== other.model.name) {
    problems.push(
      differ(
        'inference.preset.name',
        `decodes ${own.model.name}, and ${other.workspace.name} reads prompts for ${other.model.name}`,
        'name the same model in both',
      ),
    );
  }
  const lengths = [own, other].map(({ workspace: { inference } }) => inference?.contextLength ?? null);
  const [length = null, otherLength = null] = lengths;
  if (length !== null && otherLength !== null && length !== otherLength) {
    problems.push(
      differ(
        'inference.contextLength',
        `has a context of ${length} tokens, and ${other.workspace.name} one of ${otherLength}`,
        'give both the same',
      ),
    );
  }
  for (const option of OPTIONS_OF_KV_CACHE) {
    const [given, others] = [own, other].map(
      ({ workspace: { inference } }) => inference?.config?.vllm?.[option],
    );
    if (String(given) === String(others)) continue;
    problems.push(
      differ(
        `inference.config.vllm.${option}`,
        `is ${shown(given)}, and ${shown(others)} in ${other.workspace.name}: their parts of the KV cache do not match`,
        'write the same in the configs of both',
      ),
    );
  }
  const [mine, theirs] = [own.placement.tensorParallel, other.placement.tensorParallel];
  if (Math.max(mine, theirs) % Math.min(mine, theirs) !== 0) {
    problems.push(
      differ(
        'resource.instanceType',
        `divides the model over ${mine} GPUs, and ${other.workspace.name} over ${theirs}: their parts of the KV cache do not match`,
        'choose machine types where one number of GPUs divides the other',
      ),
    );
  }
  return problems;
}

/** `own` with a context that the other half holds, too: a longer prompt could be read, and not be answered. */
export function withSharedContext(own: Decision, other: Decision): Decision {
  const maxContext = Math.min(
    own.placement.maxContext,
    other.workspace.inference?.contextLength ?? other.placement.maxContext,
  );
  return { ...own, placement: { ...own.placement, maxContext } };
}
