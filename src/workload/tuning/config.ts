import { posix } from 'node:path';
import { stringify } from 'yaml';
import type { TrainingSection } from '../../spec/workspace';
import type { Model } from '../../catalog/model';
import type { TuningSpec } from '../../spec/normal';
import type { TrainingConfig } from './tune-config';

/** Everything that tuning writes lies below it; relative paths of the config are, too. KAITO's path. */
const ROOT = '/mnt';
const RESULTS_FOLDER = '/mnt/results';

/** The sections of `training_config.yaml`, all of them. */
export type Sections = Readonly<Record<TrainingSection, Readonly<Record<string, unknown>>>>;

/**
 * The text of `tune --config`; `folder` has the weights, null: they are downloaded. Keys are sorted; programs in Python
 * read it as YAML 1.1, where a plain `no` is false.
 */
export function trainingConfig(model: Model, tuning: TuningSpec, folder: string | null): string {
  const sections = trainingSections(model, tuning);
  const config = { training_config: { ...sections, ModelConfig: inFolder(sections.ModelConfig, folder) } };
  return stringify(config, {
    version: '1.1',
    sortMapEntries: true,
    lineWidth: 0,
    aliasDuplicateObjects: false,
  });
}

/** Slipway's defaults, section by section under the user's own. */
export function trainingSections(
  model: Model,
  tuning: Pick<TuningSpec, 'method' | 'config' | 'output'>,
): Sections {
  const given = tuning.config ?? {};
  const defaults = defaultSections(model, tuning);
  return {
    ModelConfig: fromHub({ ...defaults.ModelConfig, ...given.ModelConfig }),
    QuantizationConfig: { ...defaults.QuantizationConfig, ...given.QuantizationConfig },
    LoraConfig: { ...defaults.LoraConfig, ...given.LoraConfig },
    TrainingArguments: { ...defaults.TrainingArguments, ...given.TrainingArguments },
    DatasetConfig: { ...defaults.DatasetConfig, ...given.DatasetConfig },
    DataCollator: { ...defaults.DataCollator, ...given.DataCollator },
  };
}

/** True where the config asks for local files of a model that has to be downloaded: KAITO's templates all do. */
export function isLocalOnly({ local_files_only, pretrained_model_name_or_path }: Section): boolean {
  const isFolder =
    typeof pretrained_model_name_or_path === 'string' && pretrained_model_name_or_path.startsWith('/');
  return local_files_only === true && !isFolder;
}

/** The model in `folder`: it has no revision there, and nothing is asked of the hub. */
function inFolder(section: Section, folder: string | null): Section {
  if (folder === null) return section;
  const others = Object.entries(section).filter(([option]) => option !== 'revision');
  return {
    ...Object.fromEntries(others),
    pretrained_model_name_or_path: folder,
    local_files_only: true,
  };
}

/** KAITO brings weights with an init container, and the tuning program here downloads them. */
function fromHub(section: Section): Section {
  return isLocalOnly(section) ? { ...section, local_files_only: false } : section;
}

type Section = Readonly<Record<string, unknown>>;

/** Absolute folder of the adapter that training writes. */
export function outputFolder(tuning: TuningSpec): string {
  const given = tuning.config?.TrainingArguments?.['output_dir'];
  return typeof given === 'string' ? posix.resolve(ROOT, given) : RESULTS_FOLDER;
}

/** KAITO v0.12's default templates, with the model pinned and its own modules named. */
function defaultSections(
  model: Model,
  { method, output, config }: Pick<TuningSpec, 'method' | 'config' | 'output'>,
): Sections {
  return {
    ModelConfig: {
      pretrained_model_name_or_path: model.huggingFaceId,
      ...(model.revision !== null && { revision: model.revision }),
      torch_dtype: model.dtype,
      ...(model.vllm.trustRemoteCode && { trust_remote_code: true }),
    },
    QuantizationConfig:
      method === 'qlora' && config?.QuantizationConfig?.['load_in_8bit'] !== true
        ? {
            load_in_4bit: true,
            bnb_4bit_quant_type: 'nf4',
            bnb_4bit_compute_dtype: 'bfloat16',
            bnb_4bit_use_double_quant: true,
          }
        : {},
    LoraConfig: {
      r: 8,
      lora_alpha: 8,
      lora_dropout: 0,
      ...(model.tuning.targetModules !== undefined && { target_modules: [...model.tuning.targetModules] }),
    },
    TrainingArguments: {
      output_dir: RESULTS_FOLDER,
      ddp_find_unused_parameters: false,
      per_device_train_batch_size: 1,
      // A checkpoint is worth its space where it outlives the pod.
      save_strategy: output.volumeSource === undefined ? 'no' : 'epoch',
    },
    DatasetConfig: { shuffle_dataset: true, train_test_split: 1 },
    DataCollator: {},
  } satisfies Required<TrainingConfig>;
}
