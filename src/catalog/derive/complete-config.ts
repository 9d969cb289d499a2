import {
  listField,
  numberField,
  TEXT_SECTIONS,
  textField,
  textFields,
  type ModelConfig,
} from '../config-fields';
import { familyDefaults } from './families';

/**
 * A configuration as transformers would hand it to the engine: the language model's fields at the top, what released
 * files leave out filled in, and windows gone that see the whole context.
 */
export function completeConfig(root: ModelConfig): ModelConfig {
  const text = textFields(root);
  const family = textField(text, 'model_type') ?? '';
  const config = { ...familyDefaults(family), ...dropAbsent(text) };
  return { ...config, ...layerCount(config), ...uselessWindow(config) };
}

/** The class that serves the model: of the whole, not of its language model. Empty when none is named. */
export function architectureOf(root: ModelConfig): string {
  const first = listField(root, 'architectures')?.[0] ?? listField(textFields(root), 'architectures')?.[0];
  return typeof first === 'string' ? first : '';
}

/** Null counts as left out, and the sections of the language model have been taken up. */
function dropAbsent(config: ModelConfig): ModelConfig {
  return Object.fromEntries(
    Object.entries(config).filter(([key, value]) => value !== null && !TEXT_SECTIONS.includes(key)),
  );
}

/** Nemotron's newer releases give the layers only. */
function layerCount(config: ModelConfig): ModelConfig {
  if (numberField(config, 'num_hidden_layers', 'n_layer', 'num_layers', 'n_layers') !== undefined) return {};
  const layers = listField(config, 'layers_block_type') ?? listField(config, 'layer_types');
  const count = layers?.length ?? textField(config, 'hybrid_override_pattern')?.length;
  return count === undefined ? {} : { num_hidden_layers: count };
}

/** A window as long as the context is none. */
function uselessWindow(config: ModelConfig): ModelConfig {
  const window = numberField(config, 'sliding_window');
  const context = numberField(config, 'max_position_embeddings');
  return window !== undefined && context !== undefined && window >= context ? { sliding_window: null } : {};
}
