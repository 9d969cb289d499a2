import type { InferenceFields, InferenceProps } from './inference';
import type { NetworkProps } from './network';
import type { OperationsProps } from './operations';
import type { PodProps } from './pod';
import type { TuningProps } from './tuning';

export type * from './adapters';
export type * from './inference';
export type * from './pod';
export type * from './tuning';
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

/** How callers reach the model. */
export interface ServiceProps {
  /** `LoadBalancer` publishes the serving port, and no other, outside the cluster. @default `ClusterIP` */
  readonly type?: 'ClusterIP' | 'LoadBalancer';
}
