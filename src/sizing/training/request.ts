import type { MachineType } from '../../catalog/machine';
import type { Model } from '../../catalog/model';

/** What is asked of sizing for fine-tuning with LoRA. All quantities are bytes or tokens. */
export interface TrainingRequest {
  readonly model: Model;
  /** Machine types in order of preference. Each is judged on its own. */
  readonly machines: readonly MachineType[];
  /** Nodes that the user insists on: training runs on one. */
  readonly nodes?: number;
  /** How the frozen weights are kept. */
  readonly quantization: BaseQuantization;
  readonly lora: LoraShape;
  /** Tokens of the longest row; longer rows are cut. */
  readonly sequenceLength: number;
  /** Rows of one step on one GPU. */
  readonly batchSize: number;
  /** Only the input of each layer is kept for the backward pass; the rest is computed again. */
  readonly gradientCheckpointing: boolean;
  /** Numbers that the optimizer keeps for each trained parameter, in the parameter's own type: 2 for AdamW. */
  readonly optimizerStates: number;
  /** The loss needs all logits at once (label smoothing), not a tile after the other. */
  readonly wholeLogits: boolean;
  /** Rows of one evaluation step on one GPU; 0: nothing is held out. */
  readonly evaluationBatchSize: number;
}

/** `8bit` and `4bit` are bitsandbytes' LLM.int8 and 4-bit types; double: the constants of 4-bit are quantised, too. */
export type BaseQuantization = 'none' | '8bit' | '4bit' | '4bit-double';

/** The adapter to be trained. */
export interface LoraShape {
  readonly rank: number;
  /** Last part of the names of the projections; null: all but the output layer. */
  readonly targetModules: readonly string[] | null;
  /** Tables of the vocabulary that are trained whole beside it (`modules_to_save`: embedding, output layer). @default 0 */
  readonly wholeTables?: number;
}
