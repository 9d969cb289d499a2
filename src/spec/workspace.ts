import type {
  Affinity,
  Container,
  EnvVar,
  PodTemplateSpec,
  Toleration,
  TopologySpreadConstraint,
  Volume,
  VolumeMount,
} from 'kubernetes-types/core/v1';
import type { NetworkProps } from './network';
import type { OperationsProps } from './operations';
import type { WeightsProps } from './weights';

export type * from './weights';

/**
 * What a user writes for one Workspace: KAITO v1beta1's `resource` and `inference` | `tuning`, plus Slipway's own
 * fields. TypeScript props and `slipway.dev/v1alpha1` YAML have this one shape; `kaito.sh` documents are a subset.
 */
export interface WorkspaceProps extends OperationsProps {
  /** @default `default` */
  readonly namespace?: string;
  /** The user's labels: they reach every object and pod of the Workspace. @default none */
  readonly labels?: Readonly<Record<string, string>>;
  /** The user's annotations: they reach every object and pod of the Workspace. @default none */
  readonly annotations?: Readonly<Record<string, string>>;
  /** The machines it runs on. @default the cheapest machine type of the cluster's cloud that fits */
  readonly resource?: ResourceProps;
  /** Serve a model. Exactly one of `inference` and `tuning` is given. */
  readonly inference?: InferenceProps;
  /** Fine-tune a model. Exactly one of `inference` and `tuning` is given. */
  readonly tuning?: TuningProps;
  /** How callers reach the model. @default a ClusterIP Service */
  readonly service?: ServiceProps;
  /** What the user adds to each pod. @default nothing */
  readonly pod?: PodProps;
  /** Who may call the model, and what its pods may reach. @default every pod of the cluster; everything */
  readonly network?: NetworkProps;
}

/** The machines of a Workspace. */
export interface ResourceProps {
  /**
   * Machine type, or several in order of preference (each must fit on its own).
   * @default the cheapest of the cluster's cloud that fits
   */
  readonly instanceType?: string | readonly string[];
  /** Number of nodes. It is honoured or refused, never ignored. @default what the model needs */
  readonly count?: number;
  /** Labels that the nodes must carry besides Slipway's own. Only equality can be honoured. @default none */
  readonly labelSelector?: LabelSelectorProps;
  /** KAITO's deprecated list of node names; refused, since no KAITO of today honours it. @default none */
  readonly preferredNodes?: readonly string[];
  /** A part of a GPU node, on own nodes only. @default whole nodes */
  readonly partition?: PartitionProps;
  /** Buy interruptible capacity: `spot`, or `spot-then-on-demand`. @default `on-demand` */
  readonly capacityType?: CapacityType;
  /** An existing node class for the nodes of this Workspace; in KAITO documents the annotation `kaito.sh/node-class-name`. @default the cluster's */
  readonly nodeClassName?: string;
  /** Operating system of the nodes; in KAITO documents the annotation `kaito.sh/node-image-family`. @default the cluster's */
  readonly nodeImageFamily?: NodeImageFamily;
  /** Most nodes of all replicas together: more are an error. @default no limit */
  readonly nodeCountLimit?: number;
  /** A model that does not fit is a warning, not an error; in KAITO documents the annotation `kaito.sh/bypass-resource-checks`. @default false */
  readonly bypassResourceChecks?: boolean;
}

/** Operating systems that KAITO knows for its nodes. */
export type NodeImageFamily = 'ubuntu' | 'azurelinux';

/** How the nodes are bought. */
export type CapacityType = 'on-demand' | 'spot' | 'spot-then-on-demand';

/** Kubernetes' label selector, of which equality is honoured (`In` with one value counts). */
export interface LabelSelectorProps {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

/** A MIG slice (`profile`) or a number of whole GPUs of a node (`count`). */
export interface PartitionProps {
  readonly mode: 'mig' | 'accelerator';
  readonly profile?: string;
  readonly count?: number;
}

/** A model by its catalogue name, and what its download needs. */
export interface PresetProps {
  /** Name or alias in the catalogue (`slipway catalog models`), or a Hugging Face id that is in it. */
  readonly name: string;
  /** KAITO's deprecated field. @default `public` */
  readonly accessMode?: 'public' | 'private';
  readonly presetOptions?: {
    /** KAITO's deprecated field for an image with the weights inside; refused: `weights` says it. */
    readonly image?: string;
    /** Names of Secrets of type `kubernetes.io/dockerconfigjson`. @default none */
    readonly imagePullSecrets?: readonly string[];
    /** Name of the Secret whose key `HF_TOKEN` holds a Hugging Face token. Required for gated models. */
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
  readonly kind: ImageKind;
  /** Full image reference. @default the reference that this version of Slipway was tested with */
  readonly reference?: string;
}

/** Serving. */
export interface InferenceProps {
  /** The model. Exactly one of `preset` and `template` is given. */
  readonly preset?: PresetProps;
  /** The user's own pod template instead of a preset. */
  readonly template?: PodTemplateSpec;
  /**
   * Name of the ConfigMap with key `inference_config.yaml`, found among the documents that are read; or its
   * content. @default none
   */
  readonly config?: string | InferenceConfig;
  /** LoRA adapters, at most 10. @default none */
  readonly adapters?: readonly AdapterProps[];
  /** @default `vllm` */
  readonly runtime?: Runtime;
  /** @default the cluster's default image, else `slipway` */
  readonly image?: ImageKind | ImageProps;
  /** The model id that requests name. @default the model's name in the catalogue */
  readonly servedName?: string;
  /** Tokens of context that each request can use. @default the most that fits */
  readonly contextLength?: number;
  /** Sequences of `contextLength` tokens that must fit in the KV cache at once. @default 1 */
  readonly concurrency?: number;
  /** Share of each GPU's memory that the runtime may use, 0..1. @default see `sizing` */
  readonly gpuMemoryUtilization?: number;
  /** Copies of the whole model, each on its own GPUs; 0 keeps everything but the pods. @default 1 */
  readonly replicas?: number;
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

/**
 * One half of a model whose prompts are read on some GPUs (prefill) and whose answers are written on others (decode).
 * The KV cache goes from the one to the other over the network; an endpoint picker sends each request on its way.
 */
export interface InferenceRoleProps {
  readonly type: 'prefill' | 'decode';
  /** Name that the two halves share; their InferencePool is called `<of>-inferencepool`. */
  readonly of: string;
}

/** KAITO's `inference_config.yaml`. */
export interface InferenceConfig {
  /** vLLM options by their flag, such as `max-model-len`; they win over what Slipway computes. Null: a flag without a value. */
  readonly vllm?: Readonly<Record<string, VllmOptionValue>>;
  /** Steps of KAITO's search for a context that fits; its own images only. @default 6 */
  readonly max_probe_steps?: number;
  /** Share of the CPU memory that KAITO's image may use for KV cache, 0..1; its own images only. @default 0.5 */
  readonly kv_cache_cpu_memory_utilization?: number;
}

/** Value of a vLLM option: KAITO reads a flat map of strings. */
export type VllmOptionValue = string | number | boolean | null;

/** A data source in KAITO's words: exactly one of urls, volumeSource and image. */
export interface DataSourceProps {
  readonly name?: string;
  readonly urls?: readonly string[];
  readonly volumeSource?: Omit<Volume, 'name'>;
  readonly image?: string;
  readonly imagePullSecrets?: readonly string[];
}

/** Where an adapter comes from: exactly one of image, volumeSource and tuning. */
export interface AdapterSourceProps extends DataSourceProps {
  /**
   * A tuning Workspace of the same cluster whose output is the adapter: its name, `<namespace>/<name>` where that is
   * another namespace, or the Workspace itself.
   */
  readonly tuning?: string | TunedWorkspace;
}

/** A Workspace of the same program; `spec` is null when it has errors. */
export interface TunedWorkspace {
  readonly node: { readonly id: string };
  readonly spec: { readonly name: string; readonly namespace: string } | null;
}

/** A LoRA adapter. */
export interface AdapterProps {
  readonly source: AdapterSourceProps;
  /** 0..1 as KAITO's string, or a number. @default one model id per adapter */
  readonly strength?: string | number;
  /**
   * Its rank (`r` in `adapter_config.json`): memory is reserved for it. What a tuning Workspace makes has its own.
   * @default 16, as vLLM assumes: images kaito and vllm refuse a larger adapter when they start, and slipway takes its memory
   * from the KV cache
   */
  readonly rank?: number;
}

/** KAITO's `training_config.yaml`. */
export interface TrainingConfig {
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
  readonly preset?: PresetProps;
  /** @default `lora` */
  readonly method?: 'lora' | 'qlora';
  /** Name of the ConfigMap with key `training_config.yaml`, or its content. @default Slipway's defaults */
  readonly config?: string | TrainingConfig;
  /** Where the weights that are trained on come from and are kept. @default downloaded into the pod's own volume */
  readonly weights?: WeightsProps;
  readonly input: DataSourceProps;
  readonly output: {
    readonly volumeSource?: Omit<Volume, 'name'>;
    readonly image?: string;
    readonly imagePushSecret?: string;
  };
}

/** How callers reach the model. */
export interface ServiceProps {
  /** @default `ClusterIP` */
  readonly type?: 'ClusterIP' | 'LoadBalancer';
}

/** What the user adds to every pod of a Workspace: it reaches every container, init containers included. */
export interface PodProps {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly tolerations?: readonly Toleration[];
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly affinity?: Affinity;
  readonly topologySpreadConstraints?: readonly TopologySpreadConstraint[];
  readonly priorityClassName?: string;
  readonly schedulerName?: string;
  readonly runtimeClassName?: string;
  readonly serviceAccountName?: string;
  readonly terminationGracePeriodSeconds?: number;
  /** Names of Secrets. */
  readonly imagePullSecrets?: readonly string[];
  readonly env?: readonly EnvVar[];
  readonly volumes?: readonly Volume[];
  readonly volumeMounts?: readonly VolumeMount[];
  /** Extra containers beside the model's. */
  readonly sidecars?: readonly Container[];
  /** CPU and memory requests of the model's container, as Kubernetes quantities. @default from the machine type */
  readonly resources?: { readonly cpu?: string; readonly memory?: string };
}
