import type { InferenceSpec } from '../spec/normal';
import { numberOption } from '../spec/rules/inference-config';

/** The ranks that vLLM's `--max-lora-rank` takes (vLLM 0.32, `vllm/config/lora.py`). */
const RANKS = [1, 8, 16, 32, 64, 128, 256, 320, 512] as const;
/** vLLM's own default, and what is assumed of an adapter whose rank nobody said. */
export const DEFAULT_LORA_RANK = 16;

/** The largest rank that memory is reserved for, and that the server takes: the user's option, else what the adapters need. */
export function reservedLoraRank({ config, adapters }: Pick<InferenceSpec, 'config' | 'adapters'>): number {
  const given = numberOption(config, 'max-lora-rank');
  if (given !== null && given > 0) return given;
  const rank = Math.max(...adapters.map((adapter) => adapter.rank ?? DEFAULT_LORA_RANK));
  return RANKS.find((allowed) => allowed >= rank) ?? rank;
}
