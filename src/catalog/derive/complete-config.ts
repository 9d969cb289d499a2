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
 * A configuration as transformers would hand it to the engine: the language model's fields at the top, and what released
 * files leave out filled in. A field that is null was left empty on purpose and gets no default.
 */
export function completeConfig(root: ModelConfig): ModelConfig {
  const text = textFields(root);
  const family = textField(text, 'model_type') ?? '';
  const config = dropAbsent({ ...familyDefaults(family), ...text });
  return { ...config, ...layerCount(config) };
}

/** The class that serves the model: of the whole, not of its language model. Empty when none is named. */
export function architectureOf(root: ModelConfig): string {
  const first = listField(root, 'architectures')?.[0] ?? listField(textFields(root), 'architectures')?.[0];
  return typeof first === 'string' ? first : '';
}

/** Null counts as absent, and the sections of the language model have been taken up. */
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
