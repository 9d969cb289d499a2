import { listField, numberField, record, textField, type ModelConfig } from '../config-fields';
import { geometryFromConfig } from '../geometry-from-config';
import { expandLayers } from '../layers';
import type { Geometry } from '../model';
import { shown } from '../../spec/shape/shown';
import { isKnownFamily } from './families';
import type { Findings } from './findings';

const LAYER_FIELDS = ['num_hidden_layers', 'n_layer', 'num_layers', 'n_layers'];
/** Far more than any network has, and few enough to list. */
const MOST_LAYERS = 10_000;

const HIDDEN_FIELDS = ['hidden_size', 'n_embd', 'd_model'];
const VOCABULARY_FIELDS = ['vocab_size', 'padded_vocab_size'];

/**
 * The shape of the network from its completed configuration. What is missing, cannot be described or was assumed is
 * in `findings`; undefined when there is no geometry.
 */
export function deriveGeometry(
  architecture: string,
  config: ModelConfig,
  findings: Findings,
): Geometry | undefined {
  if (architecture === '') findings.refuse('config.json names no architecture (architectures)');
  for (const fields of [LAYER_FIELDS, HIDDEN_FIELDS, VOCABULARY_FIELDS]) {
    const given = fields.find((field) => config[field] !== undefined);
    const named = given === undefined ? fields.join(' or ') : `${given}, which is ${shown(config[given])}`;
    findings.need(numberField(config, ...fields), named);
  }
  const layers = numberField(config, ...LAYER_FIELDS) ?? 0;
  if (layers > MOST_LAYERS) {
    findings.refuse(`config.json names ${shown(layers)} layers, and a network has ${MOST_LAYERS} at most`);
  }
  if (!findings.isComplete) return undefined;
  const geometry = geometryFromConfig(architecture, config);
  if ('problem' in geometry) {
    findings.refuse(geometry.problem);
    return undefined;
  }
  const listed = expandLayers(geometry.layers).length;
  if (listed < layers) {
    findings.refuse(`the kinds of ${listed} layers are listed, and the network has ${layers}`);
  }
  const kvHeads = geometry.full?.kvHeads ?? 1;
  if (geometry.attentionHeads % kvHeads !== 0) {
    findings.refuse(
      `${geometry.attentionHeads} attention heads cannot share ${kvHeads} heads of keys and values evenly`,
    );
  }
  tellAssumptions(config, findings);
  return {
    ...geometry,
    intermediateSize: geometry.intermediateSize ?? assumedWidth(geometry, findings),
    vision: describedVision(geometry, findings),
  };
}

function tellAssumptions(config: ModelConfig, findings: Findings): void {
  const family = textField(config, 'model_type') ?? '';
  if (!isKnownFamily(family)) {
    findings.assume(
      `family ${JSON.stringify(family)} is not known: its layers are read by the names that other families use`,
    );
  }
  const step = numberField(
    config,
    'interleave_moe_layer_step',
    'decoder_sparse_step',
    'expert_layer_period',
    'moe_layer_freq',
  );
  if ((step ?? 1) > 1 || (listField(config, 'mlp_only_layers')?.length ?? 0) > 0) {
    findings.assume(
      'dense layers stand between those with experts; the preset counts experts on every later layer',
    );
  }
  if (record(config['vision_config']) === undefined && record(config['audio_config']) !== undefined) {
    findings.assume('its audio encoder is not described');
  }
}

function assumedWidth({ moe, hiddenSize }: Geometry, findings: Findings): number | null {
  if (moe !== null && (moe.denseLayers ?? 0) === 0 && moe.besideDense !== true) return null;
  findings.assume('the MLP is four times as wide as the network: no intermediate_size is given');
  return 4 * hiddenSize;
}

function describedVision({ vision }: Geometry, findings: Findings): Geometry['vision'] {
  if (vision === null || vision.hiddenSize > 0) return vision;
  findings.assume(
    'its image encoder (vision_config) is not described: neither its width nor its layers are given',
  );
  return null;
}
