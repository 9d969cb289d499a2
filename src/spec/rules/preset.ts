import type { Report } from '../report';
import type { Loose } from '../shape/loose';
import { shown } from '../shape/shown';
import { isPlaceholder } from '../syntax/image-reference';
import type { PresetProps } from '../workspace';
import { checkObjectName, checkObjectNames } from './names';

/** Hugging Face tokens begin so: https://huggingface.co/docs/hub/security-tokens. */
const TOKEN = /^hf_[A-Za-z0-9]{20,}$/;

/** Rules of a preset that need no catalogue. */
export function checkPreset(preset: Loose<PresetProps>, field: string, report: Report): void {
  if (preset.name !== undefined && isPlaceholder(preset.name)) {
    report.error('placeholder', `${field}.name`, `${shown(preset.name)} is a placeholder`, {
      next: 'write the name of a model; "slipway catalog models" lists them',
    });
  }
  if (preset.accessMode === 'private') {
    report.warning(
      'ignored-field',
      `${field}.accessMode`,
      '"private" has no effect: KAITO gave the field up',
      {
        next: 'remove it; a gated model needs presetOptions.modelAccessSecret',
      },
    );
  }
  const { image, imagePullSecrets, modelAccessSecret } = preset.presetOptions ?? {};
  if (image !== undefined) {
    report.error(
      'unsupported-field',
      `${field}.presetOptions.image`,
      'weights inside an image are not read from here',
      {
        next: 'remove it; in a slipway.dev document inference.weights: {from: image, reference: ...} takes weights from a registry, and inference.image sets another image of the server',
        atKey: true,
      },
    );
  }
  checkObjectNames(imagePullSecrets, `${field}.presetOptions.imagePullSecrets`, report);
  const secretField = `${field}.presetOptions.modelAccessSecret`;
  if (modelAccessSecret !== undefined && TOKEN.test(modelAccessSecret)) {
    report.error('secret-value', secretField, 'is a token, not the name of a Secret', {
      next: 'revoke this token, put a new one into a Secret under the key HF_TOKEN, and write the name of the Secret here',
    });
  } else checkObjectName(modelAccessSecret, secretField, report);
}

/** True for text that is a Hugging Face token. */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}
