import type {
  Affinity,
  Container,
  EnvVar,
  HostAlias,
  PodDNSConfig,
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
export type WorkspaceProps = Omit<WorkspaceFields, 'inference' | 'tuning'> &
  (
    | { readonly inference: InferenceProps; readonly tuning?: never }
    | { readonly inference?: never; readonly tuning: TuningProps }
  );

/** The fields of a Workspace, each for itself. */
export interface WorkspaceFields extends OperationsProps {
  /** Namespace of all its objects. @default the cluster's `defaults.namespace`, else `default` */
  readonly namespace?: string;
  /** The user's labels: they reach every object and pod of the Workspace. @default none */
  readonly labels?: Readonly<Record<string, string>>;
  /** The user's annotations: they reach every object and pod of the Workspace. @default none */
  readonly annotations?: Readonly<Record<string, string>>;
  /** The machines it runs on. @default the cheapest machine type of the cluster's cloud that fits */
  readonly resource?: ResourceProps;
  /** Serve a model. Exactly one of `inference` and `tuning` is given. @default none: `tuning` is given */
  readonly inference?: InferenceFields;
  /** Fine-tune a model. Exactly one of `inference` and `tuning` is given. @default none: `inference` is given */
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
  /** Labels that nodes must carry; new nodes get them. @default none */
  readonly matchLabels?: Readonly<Record<string, string>>;
  /** The same in the long form. @default none */
  readonly matchExpressions?: readonly {
    /** Key of the label. */
    readonly key: string;
    /** `In`; no other can be honoured. */
    readonly operator: string;
    /** Exactly one value. @default none, which is refused */
    readonly values?: readonly string[];
  }[];
}

/** A part of a GPU node: a MIG slice, or some of its whole GPUs. */
export type PartitionProps = MigPartition | AcceleratorPartition;

/** One MIG slice. */
export interface MigPartition {
  /** A slice that the node's owner has made. */
  readonly mode: 'mig';
  /** Its profile, such as `3g.40gb`. */
  readonly profile: string;
  /** Not with a MIG slice. @default none */
  readonly count?: never;
}

/** Some whole GPUs of a node. */
export interface AcceleratorPartition {
  /** Whole GPUs. */
  readonly mode: 'accelerator';
  /** Number of GPUs, 1 or more. */
  readonly count: number;
  /** Not with whole GPUs. @default none */
  readonly profile?: never;
}

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
  /** The model id that requests name. @default the model's name in the catalogue */
  readonly servedName?: string;
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
  /** vLLM options by their flag, such as `max-model-len`; they win over what Slipway computes. Null: a flag without a value. @default none */
  readonly vllm?: Readonly<Record<string, VllmOptionValue>>;
  /** Steps of KAITO's search for a context that fits; its own images only. @default 6 */
  readonly max_probe_steps?: number;
  /** Share of the CPU memory that KAITO's image may use for KV cache, 0..1; its own images only. @default 0.5 */
  readonly kv_cache_cpu_memory_utilization?: number;
}

/** Value of a vLLM option: KAITO reads a flat map of strings. */
export type VllmOptionValue = string | number | boolean | null;

/** The data to train on, in KAITO's words: exactly one of urls, image and volumeSource. */
export type DataSourceProps = DataSourceFields &
  (
    | { readonly urls: readonly string[]; readonly image?: never; readonly volumeSource?: never }
    | { readonly urls?: never; readonly image: string; readonly volumeSource?: never }
    | { readonly urls?: never; readonly image?: never; readonly volumeSource: Omit<Volume, 'name'> }
  );

/** The fields of a data source, each for itself. */
export interface DataSourceFields {
  /** Name of the data: of an adapter its model id, and required there. @default none */
  readonly name?: string;
  /** Files that are downloaded, http or https; for tuning input only. @default none */
  readonly urls?: readonly string[];
  /** A volume that holds the data, such as `{ persistentVolumeClaim: { claimName: 'data' } }`. @default none */
  readonly volumeSource?: Omit<Volume, 'name'>;
  /** An image that holds the data in its folder `/data`. @default none */
  readonly image?: string;
  /** Names of Secrets of type `kubernetes.io/dockerconfigjson` for the image. @default none */
  readonly imagePullSecrets?: readonly string[];
}

/** Where an adapter comes from: exactly one of image, volumeSource and tuning. */
export type AdapterSourceProps = AdapterSourceFields & { readonly name: string } & (
    | { readonly image: string; readonly volumeSource?: never; readonly tuning?: never }
    | { readonly image?: never; readonly volumeSource: Omit<Volume, 'name'>; readonly tuning?: never }
    | { readonly image?: never; readonly volumeSource?: never; readonly tuning: string | TunedWorkspace }
  );

/** The fields of an adapter's source, each for itself. */
export interface AdapterSourceFields extends DataSourceFields {
  /**
   * A tuning Workspace of the same cluster whose output is the adapter: its name, `<namespace>/<name>` where that is
   * another namespace, or the Workspace itself. @default none
   */
  readonly tuning?: string | TunedWorkspace;
}

/** A Workspace of the same program; `spec` is null when it has errors. */
export interface TunedWorkspace {
  /** Its place in the construct tree. */
  readonly node: {
    /** Its id there. */
    readonly id: string;
  };
  /** What was read of it. */
  readonly spec: {
    /** Its name. */
    readonly name: string;
    /** Namespace of its objects. */
    readonly namespace: string;
  } | null;
}

/** A LoRA adapter. */
export interface AdapterProps {
  /** Where it comes from. */
  readonly source: AdapterSourceProps;
  /** Weight with which it is merged into the model, 0..1, as KAITO's string or a number. @default not merged: served under its own model id */
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

/** How callers reach the model. */
export interface ServiceProps {
  /** `LoadBalancer` publishes the serving port, and no other, outside the cluster. @default `ClusterIP` */
  readonly type?: 'ClusterIP' | 'LoadBalancer';
}

/** What the user adds to every pod of a Workspace: it reaches every container, init containers included. */
export interface PodProps {
  /** Labels of the pods alone; those of the Workspace reach them, too. @default none */
  readonly labels?: Readonly<Record<string, string>>;
  /** Annotations of the pods alone; those of the Workspace reach them, too. @default none */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Taints that the pods put up with, besides those of GPU nodes. @default none */
  readonly tolerations?: readonly Toleration[];
  /** Labels of nodes, besides those that Slipway selects its own nodes by. @default none */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /** Node and pod affinity. @default none */
  readonly affinity?: Affinity;
  /** How pods are spread over zones or nodes. @default none */
  readonly topologySpreadConstraints?: readonly TopologySpreadConstraint[];
  /** Priority against other pods, by its class. @default the cluster's default class */
  readonly priorityClassName?: string;
  /** Who places the pods. @default Kubernetes' own scheduler */
  readonly schedulerName?: string;
  /** Container runtime, by its class. @default the nodes' own */
  readonly runtimeClassName?: string;
  /** Account that the pods run under; its token is not mounted. @default `default` */
  readonly serviceAccountName?: string;
  /** Seconds between the request to stop and the kill, longer than the server's drain of 45. @default 60 */
  readonly terminationGracePeriodSeconds?: number;
  /** Names of Secrets of type `kubernetes.io/dockerconfigjson`, besides the cluster's. @default none */
  readonly imagePullSecrets?: readonly string[];
  /** Environment variables of every container; they win over all others. @default none */
  readonly env?: readonly EnvVar[];
  /** Volumes beside the pod's own. @default none */
  readonly volumes?: readonly Volume[];
  /** Where every container mounts `volumes`. @default nowhere */
  readonly volumeMounts?: readonly VolumeMount[];
  /** Containers that run before Slipway's own steps; one with `restartPolicy: Always` stays beside them and the model's. @default none */
  readonly initContainers?: readonly Container[];
  /** Extra containers beside the model's. @default none */
  readonly sidecars?: readonly Container[];
  /** Names in `/etc/hosts`, such as those of a registry that no DNS knows. @default none */
  readonly hostAliases?: readonly HostAlias[];
  /** How names are looked up. `None` needs `dnsConfig.nameservers`. @default `ClusterFirst` */
  readonly dnsPolicy?: 'ClusterFirst' | 'ClusterFirstWithHostNet' | 'Default' | 'None';
  /** Servers and options of name look-ups, besides those of `dnsPolicy`. @default none */
  readonly dnsConfig?: PodDNSConfig;
  /** CPU and memory requests of the model's container, as Kubernetes quantities. @default from the machine type */
  readonly resources?: {
    /** CPUs, such as `8` or `500m`. @default 70 % of the machine's, for its share of the GPUs */
    readonly cpu?: string;
    /** Memory, such as `64Gi`. @default 70 % of the machine's, for its share of the GPUs */
    readonly memory?: string;
  };
}
