import type { MachineType } from '../catalog/machine';
import type { Model } from '../catalog/model';
import type { EngineOptions } from './engine';
import type { Runtime } from '../spec/workspace';

/** What is asked of sizing. All quantities are bytes or tokens. */
export interface SizingRequest {
  readonly model: Model;
  /** Machine types in order of preference. Each is judged on its own. */
  readonly machines: readonly MachineType[];
  readonly runtime: Runtime;
  /** Nodes that the user insists on; refused when the model needs more, or cannot use as many. */
  readonly nodes?: number;
  /** Tokens of context wanted. Without it: room for 2,048 as KAITO counts, then the most that fits. */
  readonly contextLength?: number;
  /** Sequences of that length at once. @default 1 */
  readonly concurrency?: number;
  /** 0..1. @default KAITO's 0.84 */
  readonly gpuMemoryUtilization?: number;
  /** LoRA adapters that are served at once, and their largest rank. @default none */
  readonly adapters?: { readonly count: number; readonly maxRank: number };
  /** What vLLM's engine is told beside that. @default vLLM's own defaults */
  readonly engine?: EngineOptions;
}

/** One line of the memory ledger of one GPU. */
export interface LedgerLine {
  /** Such as `weights`, `KV cache`, `headroom`. */
  readonly item: string;
  readonly bytes: number;
  /** `exact` from shapes, `estimated` where vLLM's own figure exists on a GPU only. */
  readonly basis: 'exact' | 'estimated';
  /** How it was counted, in one sentence, with its source. */
  readonly note: string;
}

/** Where and how a model runs, with the proof that it fits. */
export interface Placement {
  readonly machine: MachineType;
  /** Nodes of one replica. */
  readonly nodes: number;
  readonly gpusPerNode: number;
  readonly tensorParallel: number;
  readonly pipelineParallel: number;
  readonly dataParallel: number;
  /** Largest context of one request, in tokens. */
  readonly maxContext: number;
  /** Tokens that the KV cache of one engine holds, as vLLM prints them. */
  readonly kvTokens: number;
  /** Memory of one GPU that the ledger accounts for. */
  readonly usableBytes: number;
  readonly gpuMemoryUtilization: number;
  /** Lines of the fullest GPU; they add up to `usableBytes`. */
  readonly ledger: readonly LedgerLine[];
  /** US dollars an hour of all nodes of one replica; null where a price is unknown. */
  readonly pricePerHour: number | null;
  /** What a reader should know: where the answer differs from KAITO's, and why. Lower case, no full stop. */
  readonly notes?: readonly string[];
}

/** Why a machine type does not do. */
export interface Misfit {
  readonly machine: MachineType;
  /** Stable identifier, such as `weights-too-large`, `heads-not-divisible`. */
  readonly code: string;
  /** Lower case, no full stop, with the figures. */
  readonly reason: string;
  /** Bytes missing on each GPU, where that is the reason. */
  readonly missingBytes?: number;
  /** There with `missingBytes`: the arrangement that comes closest, without a ledger, for a user who wants to run it all the same. */
  readonly closest?: Placement;
}

/** The answer for each machine type asked for, in the order asked. */
export interface SizingAnswer {
  readonly placements: readonly Placement[];
  readonly misfits: readonly Misfit[];
}
