import type { MachineType } from '../../catalog/machine';
import type { Model } from '../../catalog/model';
import type { TuningSpec } from '../../spec/normal';
import type { BaseQuantization, LoraShape, TrainingRequest } from '../../sizing/training/request';
import { trainingSections } from './config';

/** Defaults of trl 1.16's SFTConfig and peft 0.21's LoraConfig, which the runtime image's schema repeats. */
export const LIBRARY_DEFAULTS = {
  maxLength: 1024,
  gradientCheckpointing: true,
  evaluationBatchSize: 8,
} as const;

/** Numbers for each parameter by the beginning of the optimizer's name; AdamW and all others keep two at most. */
const OPTIMIZER_STATES: readonly (readonly [string, number])[] = [
  ['ademamix', 3],
  ['paged_ademamix', 3],
  ['sgd', 1],
];
const ADAMW_STATES = 2;

/** Modules of `modules_to_save` that are as large as the vocabulary. */
const TABLES: ReadonlySet<unknown> = new Set(['embed_tokens', 'lm_head']);

/** True when `name` of `modules_to_save` is counted. */
export function isSizedTable(name: unknown): boolean {
  return TABLES.has(name);
}

/** What sizing is asked for a tuning Workspace: its config is what the Job will have. */
export function trainingRequest(
  model: Model,
  tuning: Pick<TuningSpec, 'method' | 'config' | 'output'>,
  machines: readonly MachineType[],
  nodes: number | null,
): TrainingRequest {
  const {
    LoraConfig: lora,
    QuantizationConfig,
    TrainingArguments,
    DatasetConfig,
  } = trainingSections(model, tuning);
  const held = numberOf(DatasetConfig['train_test_split'], 1) < 1;
  const maxLength = TrainingArguments['max_length'];
  return {
    model,
    machines,
    ...(nodes === null ? {} : { nodes }),
    quantization: quantizationOf(QuantizationConfig),
    lora: loraOf(lora),
    sequenceLength:
      maxLength === null
        ? model.maxContext
        : numberOf(maxLength, Math.min(LIBRARY_DEFAULTS.maxLength, model.maxContext)),
    batchSize: numberOf(TrainingArguments['per_device_train_batch_size'], 1),
    gradientCheckpointing:
      TrainingArguments['gradient_checkpointing'] === undefined
        ? LIBRARY_DEFAULTS.gradientCheckpointing
        : TrainingArguments['gradient_checkpointing'] === true,
    optimizerStates: statesOf(TrainingArguments['optim']),
    wholeLogits: numberOf(TrainingArguments['label_smoothing_factor'], 0) > 0,
    evaluationBatchSize: held
      ? numberOf(TrainingArguments['per_device_eval_batch_size'], LIBRARY_DEFAULTS.evaluationBatchSize)
      : 0,
  };
}

/** The rank of the adapter that `tuning` makes. */
export function rankOf(model: Model, tuning: TuningSpec): number {
  return loraOf(trainingSections(model, tuning).LoraConfig).rank;
}

function quantizationOf(section: Readonly<Record<string, unknown>>): BaseQuantization {
  if (section['load_in_8bit'] === true) return '8bit';
  if (section['load_in_4bit'] !== true) return 'none';
  return section['bnb_4bit_use_double_quant'] === true ? '4bit-double' : '4bit';
}

function loraOf(section: Readonly<Record<string, unknown>>): LoraShape {
  const { r, target_modules: targets, modules_to_save: saved } = section;
  const isList = Array.isArray(targets) && targets.every((name) => typeof name === 'string');
  const patterns = section['rank_pattern'];
  const ranks: readonly unknown[] =
    typeof patterns === 'object' && patterns !== null ? Object.values(patterns) : [];
  return {
    rank: Math.max(...[r, ...ranks].map((rank) => numberOf(rank, 1))),
    // A pattern, or peft's word for all linear layers: counted as all.
    targetModules: isList ? targets : null,
    wholeTables: Array.isArray(saved) ? saved.filter(isSizedTable).length : 0,
  };
}

function statesOf(optimizer: unknown): number {
  const name = typeof optimizer === 'string' ? optimizer : '';
  return OPTIMIZER_STATES.find(([start]) => name.startsWith(start))?.[1] ?? ADAMW_STATES;
}

function numberOf(value: unknown, fallback: number): number {
  return typeof value === 'number' ? value : fallback;
}
