import type { Problem } from '../../spec/problem';
import type { Decision } from '../decision';
import { userVllmOptions } from '../vllm-options';

/** vLLM options that other fields decide: a value in the config would contradict the objects around the server. */
const DECIDED_ELSEWHERE: ReadonlyMap<string, string> = new Map(
  Object.entries<string>({
    model: 'inference.preset.name',
    revision: 'inference.preset.name',
    'served-model-name': 'inference.servedName',
    'lora-modules': 'inference.adapters',
    'download-dir': 'inference.weights',
    'distributed-executor-backend': 'resource.count',
    host: 'the Service, which sends requests to port 5000',
    port: 'the Service, which sends requests to port 5000',
    uds: 'the Service, which sends requests to port 5000',
  }),
);

/** True for an option that `checkOptions` refuses for every image. */
export function isDecidedElsewhere(option: string): boolean {
  return DECIDED_ELSEWHERE.get(option) !== undefined;
}

/** Options of the user's config that cannot be honoured. */
export function checkOptions(decision: Decision): Problem[] {
  const { workspace } = decision;
  return Object.keys(userVllmOptions(decision)).flatMap((option): Problem[] => {
    const owner = DECIDED_ELSEWHERE.get(option);
    if (owner === undefined) return [];
    const field = `inference.config.vllm.${option}`;
    return [
      {
        severity: 'error',
        code: 'option-decided-elsewhere',
        ...workspace.at(field),
        message: `${option} follows from ${owner}`,
        next: `remove ${option} from inference.config`,
      },
    ];
  });
}
