/** A parsed `config.json`. */
export type ModelConfig = Readonly<Record<string, unknown>>;

/** Sections in which multimodal models keep the text model's fields. */
export const TEXT_SECTIONS: readonly string[] = [
  'text_config',
  'llm_config',
  'language_config',
  'language_model_config',
  'thinker_config',
];

/** The fields of the language model: those of a text section over those of the whole, as vLLM merges them. */
export function textFields(config: ModelConfig): ModelConfig {
  for (const name of TEXT_SECTIONS) {
    const section = record(config[name]);
    if (section) return { ...config, ...textFields(section) };
  }
  return config;
}

/** The first of `names` that is a finite number. */
export function numberField(config: ModelConfig, ...names: readonly string[]): number | undefined {
  for (const name of names) {
    const value = config[name];
    if (typeof value === 'number' && Number.isFinite(value)) return value;
  }
  return undefined;
}

/** The first of `names` that is a string. */
export function textField(config: ModelConfig, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = config[name];
    if (typeof value === 'string') return value;
  }
  return undefined;
}

/** A list under `name`; undefined when it is none. */
export function listField(config: ModelConfig, name: string): readonly unknown[] | undefined {
  const value = config[name];
  return Array.isArray(value) ? (value as readonly unknown[]) : undefined;
}

/** `value` as a map; undefined when it is none. */
export function record(value: unknown): ModelConfig | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as ModelConfig)
    : undefined;
}
