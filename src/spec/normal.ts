import type { PodTemplateSpec } from 'kubernetes-types/core/v1';
import type { BudgetProps } from './budget';
import type { NetworkProps } from './network';
import type { OperationsProps } from './operations';
import type { Place } from './problem';
import type {
  Cloud,
  EgressProps,
  GatewayProps,
  NodeProvisioning,
  PriorityClassProps,
  PruneProtection,
} from './cluster';
import type { SecretsProps } from './secrets';
import type {
  CapacityType,
  DataSourceFields,
  ImageProps,
  InferenceConfig,
  InferenceRoleProps,
  MultiNodeWorkload,
  NodeImageFamily,
  PartitionProps,
  PodProps,
  Runtime,
  ServiceProps,
  TrainingConfig,
  TuningOutputFields,
  WeightsProps,
} from './workspace';

/**
 * A Workspace after reading: checked on its own, every default that depends on nothing else filled in. `null` means
 * that the user did not say.
 */
export interface WorkspaceSpec {
  readonly name: string;
  readonly namespace: string;
  /** The user's, without KAITO's control labels and annotations. */
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly resource: {
    /** In order of preference; empty: any of the cluster's. */
    readonly instanceTypes: readonly string[];
    readonly count: number | null;
    readonly matchLabels: Readonly<Record<string, string>>;
    readonly partition: PartitionProps | null;
    readonly capacityType: CapacityType;
    /** `resource.nodeClassName` or the annotation `kaito.sh/node-class-name`. */
    readonly nodeClassName: string | null;
    /** `resource.nodeImageFamily` or the annotation `kaito.sh/node-image-family`. */
    readonly nodeImageFamily: NodeImageFamily | null;
    /** Most nodes of all replicas together; absent: any number. */
    readonly nodeCountLimit?: number;
    /** `resource.bypassResourceChecks` or the annotation `kaito.sh/bypass-resource-checks`: a misfit is a warning, not an error. */
    readonly bypassResourceChecks: boolean;
  };
  /** Exactly one of `inference` and `tuning` is not null. */
  readonly inference: InferenceSpec | null;
  readonly tuning: TuningSpec | null;
  readonly service: Required<ServiceProps>;
  readonly pod: PodProps;
  /** Absent: the cluster's. */
  readonly network?: NetworkProps;
  /** What was switched on around the served model; absent: nothing. */
  readonly operations?: OperationsProps;
  /**
   * Where a field was written, and under what name: file, line and column, or the construct. An absent field answers with the
   * place of its nearest parent. An InferenceSet has `inference` below `spec.template`.
   */
  at(field: string): Place;
}

/** A model's name and what its download needs. */
export interface PresetSpec {
  readonly name: string;
  readonly modelAccessSecret: string | null;
  readonly imagePullSecrets: readonly string[];
}

/** Serving, after reading. Exactly one of `preset` and `template` is not null. */
export interface InferenceSpec {
  readonly preset: PresetSpec | null;
  readonly template: PodTemplateSpec | null;
  /** The ConfigMap's content, found among the documents, or given as an object; options as vLLM's command line spells them. */
  readonly config: InferenceConfig | null;
  readonly adapters: readonly AdapterSpec[];
  readonly runtime: Runtime;
  readonly image: ImageProps | null;
  /** The model ids that requests name, the one of answers first; absent: the model's name alone. */
  readonly servedNames?: readonly [string, ...string[]];
  /** `inference.contextLength`, else `max-model-len` of the config where that is a number. */
  readonly contextLength: number | null;
  readonly concurrency: number;
  /** `inference.gpuMemoryUtilization`, else `gpu-memory-utilization` of the config. */
  readonly gpuMemoryUtilization: number | null;
  readonly replicas: number;
  /** Replicas that may be down at once in a rollout; absent: 1. */
  readonly maxUnavailable?: number | string;
  /** Null: the cluster's. */
  readonly multiNodeWorkload: MultiNodeWorkload | null;
  readonly weights: WeightsProps;
  /** Absent: it serves alone. */
  readonly role?: InferenceRoleProps;
  readonly performanceMode: 'balanced' | 'interactivity' | 'throughput';
}

/** A LoRA adapter, after reading. */
export interface AdapterSpec {
  readonly name: string;
  readonly source: DataSourceFields;
  /** The tuning Workspace of the same cluster that makes it; absent where `source` says where it is. */
  readonly tuning?: { readonly namespace: string; readonly name: string };
  /** Its rank, where that is known. */
  readonly rank?: number;
  /** 0..1; null: served under its own model id, not merged. */
  readonly strength: number | null;
}

/** Fine-tuning, after reading. */
export interface TuningSpec {
  readonly preset: PresetSpec;
  readonly method: 'lora' | 'qlora';
  /** The ConfigMap's `training_config` map, or null for Slipway's defaults. */
  readonly config: TrainingConfig['training_config'] | null;
  readonly weights: WeightsProps;
  readonly input: DataSourceFields;
  readonly output: TuningOutputFields;
}

/** A Cluster after reading, with all defaults. */
export interface ClusterSpec {
  readonly name: string;
  readonly cloud: Cloud;
  readonly region: string | null;
  readonly nodeProvisioning: NodeProvisioning;
  readonly gitOps: 'argocd' | 'flux';
  /** Absent: `keep`. */
  readonly pruneProtection?: PruneProtection;
  /** Major and minor, such as `1.33`. */
  readonly kubernetesVersion: string;
  readonly clusterDomain: string;
  readonly imageRegistry: string | null;
  readonly imagePullSecrets: readonly string[];
  readonly egress: EgressProps;
  /** Absent: each route names its own. */
  readonly gateway?: GatewayProps;
  readonly secrets: SecretsProps;
  /** Absent: `kubernetes`. */
  readonly networkPolicy?: 'kubernetes' | 'cilium';
  /** Absent: `cluster`. */
  readonly devicePlugin?: 'cluster' | 'slipway' | 'gpuOperator';
  /** There with `gpuOperator`, and only then. */
  readonly gpuOperatorVersion?: string;
  readonly machineTypes: readonly string[] | null;
  readonly allowedLicenses: readonly string[] | null;
  readonly priorityClasses?: Readonly<Record<string, PriorityClassProps>>;
  /** Absent: no limit. */
  readonly budget?: BudgetProps;
  readonly defaults: {
    readonly namespace: string;
    readonly image: ImageProps;
    readonly modelAccessSecret: string | null;
    readonly gpuMemoryUtilization: number | null;
    readonly multiNodeWorkload: MultiNodeWorkload;
    readonly labels: Readonly<Record<string, string>>;
    readonly pod: PodProps;
    readonly network?: NetworkProps;
  };
  /** Where a field was written, and under what name: a Cluster in YAML has all of them below `spec`. */
  at(field: string): Place;
}
