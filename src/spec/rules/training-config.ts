import { posix } from 'node:path';
import type { FoundConfig } from '../read-config';
import type { Report } from '../report';
import type { Loose } from '../shape/loose';
import { shown } from '../shape/shown';
import type { TrainingConfig, TuningProps } from '../workspace';

/** Everything that a tuning pod may write lies here (KAITO v0.12.0, `pkg/workspace/tuning`). */
const MOUNT_ROOT = '/mnt';
/** Folders that a tuning pod only reads. */
const TAKEN: readonly string[] = [`${MOUNT_ROOT}/config`, `${MOUNT_ROOT}/data`];

/** Rules of `training_config.yaml` for `method`. */
export function checkTrainingConfig(config: FoundConfig, method: NonNullable<TuningProps['method']>): void {
  const { report } = config;
  const sections = (config.value as Loose<TrainingConfig>).training_config ?? {};
  const field = config.path('training_config');
  checkQuantization(sections.QuantizationConfig ?? {}, method, `${field}.QuantizationConfig`, report);
  const output = sections.TrainingArguments?.['output_dir'];
  if (typeof output === 'string') checkOutput(output, `${field}.TrainingArguments.output_dir`, report);
}

function checkQuantization(
  section: Readonly<Record<string, unknown>>,
  method: NonNullable<TuningProps['method']>,
  field: string,
  report: Report,
): void {
  const four = section['load_in_4bit'];
  const eight = section['load_in_8bit'];
  if (four === true && eight === true) {
    report.error('contradiction', field, 'load_in_4bit and load_in_8bit are both true', {
      next: 'keep one of them',
    });
  } else if (method === 'lora' && (four === true || eight === true)) {
    const name = four === true ? 'load_in_4bit' : 'load_in_8bit';
    report.error('contradiction', `${field}.${name}`, 'is true, and method lora does not quantise', {
      next: 'set it to false, or write method: qlora',
    });
  } else if (method === 'qlora' && four === false && eight !== true) {
    report.error(
      'contradiction',
      `${field}.load_in_4bit`,
      'is false, and method qlora needs quantised weights',
      {
        next: 'set load_in_4bit or load_in_8bit to true, or write method: lora',
      },
    );
  }
}

function checkOutput(output: string, field: string, report: Report): void {
  const folder = posix
    .normalize(posix.isAbsolute(output) ? output : posix.join(MOUNT_ROOT, output))
    .replace(/\/$/, '');
  const taken = TAKEN.find((each) => folder === each || folder.startsWith(`${each}/`));
  if (taken !== undefined) {
    report.error('invalid-path', field, `${shown(output)} is in ${taken}, which holds the input`, {
      allowed: `another folder under ${MOUNT_ROOT}, such as ${MOUNT_ROOT}/results`,
    });
    return;
  }
  if (folder.startsWith(`${MOUNT_ROOT}/`)) return;
  report.error('invalid-path', field, `${shown(output)} is not a folder under ${MOUNT_ROOT}`, {
    allowed: `a folder under ${MOUNT_ROOT}, such as ${MOUNT_ROOT}/results`,
  });
}
