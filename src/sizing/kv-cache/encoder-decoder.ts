import { numberField, type ModelConfig } from '../../catalog/config-fields';
import { vectorBytes } from './cache-types';
import type { LayerCache } from './layer-spec';
import type { KvCacheSettings } from './settings';

/** True for configurations such as Whisper's, whose decoder attends to an encoder's output. */
export function isEncoderDecoder(config: ModelConfig): boolean {
  return config['is_encoder_decoder'] === true && numberField(config, 'decoder_layers') !== undefined;
}

/**
 * The caches of a decoder: its own keys and values, and those of the encoder's output, for which vLLM 0.32 keeps room
 * for one batch of encoder tokens.
 */
export function encoderDecoderCaches(
  config: ModelConfig,
  settings: KvCacheSettings,
): readonly LayerCache[] | { problem: string } {
  const layers = numberField(config, 'decoder_layers') ?? 0;
  const heads = numberField(config, 'decoder_attention_heads') ?? 0;
  const width = numberField(config, 'd_model', 'hidden_size') ?? 0;
  if (heads === 0 || width === 0) {
    return {
      problem: `config.json of ${settings.architecture} has no decoder_attention_heads, or no d_model`,
    };
  }
  if (settings.pipelineParallel > 1)
    return { problem: 'a decoder that attends to an encoder has one pipeline stage' };
  if (heads % settings.tensorParallel !== 0) {
    return { problem: `${heads} attention heads cannot be divided among ${settings.tensorParallel} GPUs` };
  }
  const blockSize = settings.blockSize ?? 16;
  const own = heads / settings.tensorParallel;
  const spec = {
    shape: `${own} heads of ${width / heads}`,
    blockSize,
    pageBytes: blockSize * own * 2 * vectorBytes(width / heads, settings),
  };
  return Array.from({ length: layers }, (_, layer): LayerCache[] => [
    { layer, spec: { kind: 'full', ...spec } },
    { layer, spec: { kind: 'cross', ...spec, encoderTokens: settings.maxBatchedTokens } },
  ]).flat();
}
