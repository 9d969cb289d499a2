import { numberField, record, textField, textFields, type ModelConfig } from './config-fields';

/** Tokens that vLLM 0.32 assumes where a configuration names no context. */
export const DEFAULT_CONTEXT = 2048;

/** Fields in which configurations write the longest context; vLLM 0.32 takes the smallest. */
const CONTEXT_FIELDS = [
  'max_position_embeddings',
  'n_positions',
  'max_seq_len',
  'seq_length',
  'max_target_positions',
  'max_sequence_length',
  'max_seq_length',
  'seq_len',
];

/** Kinds of stretched positions whose configurations give the length after stretching (vLLM 0.32, config/model.py). */
const STRETCHED: ReadonlySet<string> = new Set([
  'su',
  'longrope',
  'llama3',
  'yarn',
  'deepseek_yarn',
  'deepseek_llama_scaling',
]);

/** The longest context that vLLM 0.32 serves a model with, in tokens; undefined where the configuration names none. */
export function contextLimit(config: ModelConfig): number | undefined {
  const text = textFields(config);
  const named = CONTEXT_FIELDS.flatMap((name) => numberField(text, name) ?? []);
  const longest =
    numberField(text, 'model_max_length') ?? (named.length > 0 ? Math.min(...named) : undefined);
  if (longest === undefined) return undefined;
  // Gemma 3 names the length after stretching as well.
  const factor = (textField(text, 'model_type') ?? '').startsWith('gemma3') ? 1 : stretchFactor(text);
  return Math.trunc(longest * factor);
}

/**
 * The context that vLLM 0.32 takes where it is not told one, in tokens: the limit, but for models that are trained
 * short and stretched by LongRoPE, which begin with what they were trained on.
 */
export function contextFromConfig(config: ModelConfig): number {
  const text = textFields(config);
  const limit = contextLimit(config) ?? DEFAULT_CONTEXT;
  const isLongRope = ropeSections(text).some((section) => ropeType(section) === 'longrope');
  return isLongRope ? (numberField(text, 'original_max_position_embeddings') ?? limit) : limit;
}

/** By how much positions are stretched beyond the length that is configured. */
function stretchFactor(text: ModelConfig): number {
  let factor = 1;
  for (const section of ropeSections(text)) {
    if (!STRETCHED.has(ropeType(section) ?? '')) factor = numberField(section, 'factor') ?? factor;
  }
  return factor;
}

/** The parameters of rotary positions; some models have them for each kind of layer. */
function ropeSections(text: ModelConfig): readonly ModelConfig[] {
  const section = record(text['rope_parameters']) ?? record(text['rope_scaling']);
  if (section === undefined) return [];
  if (ropeType(section) !== undefined) return [section];
  const nested = Object.values(section)
    .map(record)
    .filter((value) => value !== undefined);
  return nested.length > 0 ? nested : [section];
}

function ropeType(section: ModelConfig): string | undefined {
  return textField(section, 'rope_type', 'type');
}
