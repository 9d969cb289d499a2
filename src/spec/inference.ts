import type { PodTemplateSpec } from 'kubernetes-types/core/v1';
import type { AdapterProps } from './adapters';
import type { WeightsProps } from './weights';

/** A model by its catalogue name, and what its download needs. */
export interface PresetProps {
  /** Name or alias in the catalogue (`slipway catalog models`), or a Hugging Face id that is in it. */
  readonly name: string;
  /** KAITO's deprecated field. @default `public` */
  readonly accessMode?: 'public' | 'private';
  /** What the download of the weights needs. @default nothing */
  readonly presetOptions?: {
    /** KAITO's deprecated field for an image with the weights inside; refused: `weights` says it. @default none */
    readonly image?: string;
    /** Names of Secrets of type `kubernetes.io/dockerconfigjson`. @default none */
    readonly imagePullSecrets?: readonly string[];
    /** Name of the Secret whose key `HF_TOKEN` holds a Hugging Face token. Required for gated models.
     * @default the cluster's `defaults.modelAccessSecret` */
    readonly modelAccessSecret?: string;
  };
}

/** The program that runs the model. */
export type Runtime = 'vllm' | 'transformers';

/** What runs the groups of nodes that serve a model together. */
export type MultiNodeWorkload = 'StatefulSet' | 'LeaderWorkerSet';

/** Which image runs the model. */
export type ImageKind = 'slipway' | 'kaito' | 'vllm';

/** An image of one of the known kinds, optionally at another reference (mirror, digest). */
export interface ImageProps {
  /** It decides command line, paths, user and probes. */
  readonly kind: ImageKind;
  /** Full image reference. @default the reference that this version of Slipway was tested with */
  readonly reference?: string;
}

/** Serving: a preset, or a pod template of the user's own, which brings its server with it. */
export type InferenceProps = PresetInferenceProps | TemplateInferenceProps;

/** Serving a model of the catalogue. */
export type PresetInferenceProps = InferenceFields & {
  readonly preset: PresetProps;
  readonly template?: never;
};

/** Serving whatever the user's pods serve. */
export type TemplateInferenceProps = InferenceFields & {
  readonly preset?: never;
  readonly template: PodTemplateSpec;
};

/** The fields of serving, each for itself. */
export interface InferenceFields {
  /** The model. Exactly one of `preset` and `template` is given. @default none: `template` is given */
  readonly preset?: PresetProps;
  /** The user's own pod template instead of a preset. @default none: `preset` is given */
  readonly template?: PodTemplateSpec;
  /**
   * Name of the ConfigMap with key `inference_config.yaml`, found among the documents that are read; or its
   * content. @default none
   */
  readonly config?: string | InferenceConfig;
  /** LoRA adapters, at most 10. @default none */
  readonly adapters?: readonly AdapterProps[];
  /** The program that runs the model. @default `vllm` */
  readonly runtime?: Runtime;
  /** Which image runs it, by its kind alone or with another reference. @default the cluster's `defaults.image`, else `slipway` */
  readonly image?: ImageKind | ImageProps;
  /**
   * The model id that requests name. Of a list, each is answered, and the first one stands in answers and metrics.
   * @default the model's name in the catalogue
   */
  readonly servedName?: string | readonly string[];
  /** Tokens of context that each request can use. @default the most that fits */
  readonly contextLength?: number;
  /** Sequences of `contextLength` tokens that must fit in the KV cache at once. @default 1 */
  readonly concurrency?: number;
  /** Share of each GPU's memory that the runtime may use, above 0, up to 1. @default the cluster's `defaults.gpuMemoryUtilization`, else 0.84 (0.82 on an A10), as KAITO has it */
  readonly gpuMemoryUtilization?: number;
  /** Copies of the whole model, each on its own GPUs; 0 keeps everything but the pods. @default 1 */
  readonly replicas?: number;
  /** How replicas are replaced by new ones. @default one at a time */
  readonly rollout?: RolloutProps;
  /**
   * What runs a model over several nodes: a StatefulSet for each replica, or one LeaderWorkerSet, whose controller
   * (sigs.k8s.io/lws) the cluster must have: it restarts a group as a whole, and autoscaling can change the number of
   * groups. Nothing on one node. @default the cluster's `defaults.multiNodeWorkload`
   */
  readonly multiNodeWorkload?: MultiNodeWorkload;
  /** Only one half of serving, on GPUs of its own; the other half is another Workspace. @default both */
  readonly role?: InferenceRoleProps;
  /** Where the weights come from and are kept. @default downloaded at start into the pod's own volume */
  readonly weights?: WeightsProps;
  /** KAITO's vLLM tuning goal. @default `balanced` */
  readonly performanceMode?: 'balanced' | 'interactivity' | 'throughput';
}

/** How replicas are replaced. A replica stops before its successor starts, so that no rollout needs a spare GPU. */
export interface RolloutProps {
  /**
   * Replicas that may be down at once, as a number of 1 or more or a percentage of at least 1 %. A model over several nodes needs
   * `multiNodeWorkload: LeaderWorkerSet`: StatefulSets do not wait for each other. @default 1
   */
  readonly maxUnavailable?: number | string;
}

/**
 * One half of a model whose prompts are read on some GPUs (prefill) and whose answers are written on others (decode).
 * The KV cache goes from the one to the other over the network; an endpoint picker sends each request on its way.
 */
export interface InferenceRoleProps {
  /** Which half. */
  readonly type: 'prefill' | 'decode';
  /** Name that the two halves share; their InferencePool is called `<of>-inferencepool`. */
  readonly of: string;
}

/** KAITO's `inference_config.yaml`. */
export interface InferenceConfig {
  /**
   * vLLM options by their flag, such as `max-model-len`; they win over what Slipway computes. Null: a flag without a
   * value; a list: an option that takes several, such as `cudagraph-capture-sizes`. @default none
   */
  readonly vllm?: Readonly<Record<string, VllmOptionValue>>;
  /** Steps of KAITO's search for a context that fits; its own images only. @default 6 */
  readonly max_probe_steps?: number;
  /** Share of the CPU memory that KAITO's image may use for KV cache, 0..1; its own images only. @default 0.5 */
  readonly kv_cache_cpu_memory_utilization?: number;
}

/** One of several values of a vLLM option. */
export type VllmOptionItem = string | number;

/** Value of a vLLM option. KAITO itself reads a flat map of strings, without lists. */
export type VllmOptionValue = VllmOptionItem | boolean | null | readonly VllmOptionItem[];
