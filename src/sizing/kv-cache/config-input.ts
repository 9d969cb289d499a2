import type { ModelConfig } from '../../catalog/config-fields';

/** A model given as its configuration, or as bare layers, with the engine's arguments in vLLM's spelling. */
export interface ConfigInput {
  readonly architecture?: string;
  /** Fields of `config.json`. */
  readonly geometry?: ModelConfig;
  /** Layers given one by one, in place of a configuration. */
  readonly layers?: readonly ModelConfig[];
  readonly tp?: number;
  readonly pp?: number;
  /** `auto` finds the longest; absent or null takes the model's own limit. */
  readonly max_model_len?: number | 'auto' | null;
  readonly auto?: boolean;
  readonly engine_args?: ModelConfig;
}
