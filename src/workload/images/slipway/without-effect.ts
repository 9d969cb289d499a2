import type { Problem } from '../../../spec/problem';
import type { Decision } from '../../decision';
import { userVllmOptions } from '../../vllm-options';

/** Options of vLLM that Slipway reads as the Workspace's own fields, whichever program runs the model. */
const READ_AS_FIELDS = new Set(['max-model-len', 'gpu-memory-utilization', 'served-model-name']);

/** What the user's config says and the server does not do. */
export function checkWithoutEffect(decision: Decision): Problem[] {
  const { workspace } = decision;
  const { config, runtime } = workspace.inference ?? {};
  const warning = (member: string, why: string, next: string): Problem => ({
    severity: 'warning',
    code: 'config-without-effect',
    ...workspace.at(`inference.config.${member}`),
    message: `has no effect: ${why}`,
    next,
  });
  const problems: Problem[] = [];
  if (config?.max_probe_steps !== undefined) {
    problems.push(
      warning(
        'max_probe_steps',
        'the context that fits is known when this is rendered',
        'leave it out, or choose the image kaito',
      ),
    );
  }
  if (runtime !== 'transformers') return problems;
  const next = 'leave it out, or choose inference.runtime vllm';
  for (const option of Object.keys(userVllmOptions(decision))) {
    if (!READ_AS_FIELDS.has(option))
      problems.push(warning(`vllm.${option}`, 'transformers runs the model', next));
  }
  if (config?.kv_cache_cpu_memory_utilization !== undefined) {
    problems.push(
      warning('kv_cache_cpu_memory_utilization', 'the KV cache of transformers stays on the GPU', next),
    );
  }
  return problems;
}
