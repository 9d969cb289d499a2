import type { Volume } from 'kubernetes-types/core/v1';
import type { DataSourceProps } from './adapters';
import type { PresetProps } from './inference';
import type { WeightsProps } from './weights';

/** KAITO's `training_config.yaml`. */
export interface TrainingConfig {
  /** Options by section; what is left out has Slipway's default. */
  readonly training_config: Readonly<Partial<Record<TrainingSection, Readonly<Record<string, unknown>>>>>;
}

/** Sections of `training_config`; their fields are those of the Hugging Face classes of these names. */
export type TrainingSection =
  | 'ModelConfig'
  | 'QuantizationConfig'
  | 'LoraConfig'
  | 'TrainingArguments'
  | 'DatasetConfig'
  | 'DataCollator';

/** Fine-tuning. */
export interface TuningProps {
  /** The model, which must be tunable. */
  readonly preset: PresetProps;
  /** Low-rank adaptation on 16-bit weights, or on weights quantised to 4 bits. @default `lora` */
  readonly method?: 'lora' | 'qlora';
  /** Name of the ConfigMap with key `training_config.yaml`, or its content. @default Slipway's defaults */
  readonly config?: string | TrainingConfig;
  /** Where the weights that are trained on come from and are kept. @default downloaded into the pod's own volume */
  readonly weights?: WeightsProps;
  /** The data to train on. */
  readonly input: DataSourceProps;
  /** Where the adapter goes. */
  readonly output: TuningOutputProps;
}

/** Where an adapter goes: an image with the Secret that may push it, or a volume. */
export type TuningOutputProps = TuningOutputFields &
  (
    | { readonly image: string; readonly imagePushSecret: string; readonly volumeSource?: never }
    | {
        readonly image?: never;
        readonly imagePushSecret?: never;
        readonly volumeSource: Omit<Volume, 'name'>;
      }
  );

/** The fields of a tuning's output, each for itself. */
export interface TuningOutputFields {
  /** A volume, such as `{ persistentVolumeClaim: { claimName: 'adapters' } }`. @default none: `image` is given */
  readonly volumeSource?: Omit<Volume, 'name'>;
  /** Image that is pushed after the training. @default none: `volumeSource` is given */
  readonly image?: string;
  /** Name of the Secret of type `kubernetes.io/dockerconfigjson` that may push it; required with `image`. @default none */
  readonly imagePushSecret?: string;
}
