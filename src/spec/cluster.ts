import type { SecretsProps } from './secrets';
import type { BudgetProps } from './budget';
import type { NetworkProps } from './network';
import type { ImageKind, ImageProps, MultiNodeWorkload, PodProps } from './workspace';

/** The clouds whose machine types the catalogue knows. */
export type Cloud = 'azure' | 'aws' | 'gcp';

/** What Argo CD does with node pools, node claims and namespaces that are rendered no more. */
export type PruneProtection = 'keep' | 'confirm';

/**
 * Where Workspaces run. TypeScript props and `slipway.dev/v1alpha1` `Cluster` YAML (under `spec`) have this shape.
 */
export interface ClusterProps {
  /** The cloud, whose machine types are searched. @default `azure` */
  readonly cloud?: Cloud;
  /** Region, as the cloud names it; prices are those of the catalogue's region and are labelled with it. @default unknown */
  readonly region?: string;
  /** Who makes GPU nodes. @default `{ kind: 'karpenter' }` */
  readonly nodeProvisioning?: NodeProvisioning;
  /** Who applies the rendered tree. @default `argocd` */
  readonly gitOps?: 'argocd' | 'flux';
  /**
   * What Argo CD does with node pools, node claims and namespaces that are rendered no more. `keep`: nothing, they stay until
   * somebody deletes them. `confirm`: it asks (`Prune=confirm`), and applies no later commit to the cluster's platform folder until
   * somebody has answered. Claims (PVCs) are always asked about; Flux cannot ask, and keeps. @default `keep`
   */
  readonly pruneProtection?: PruneProtection;
  /** Minor version of Kubernetes, such as `1.33`. @default `1.32` */
  readonly kubernetesVersion?: string;
  /** DNS domain of the cluster. @default `cluster.local` */
  readonly clusterDomain?: string;
  /** Registry and path that replace the ones of Slipway's own images, such as `registry.example.com/slipway`. @default none */
  readonly imageRegistry?: string;
  /** Names of Secrets that every pod pulls images with. @default none */
  readonly imagePullSecrets?: readonly string[];
  /** How pods reach the outside. @default directly */
  readonly egress?: EgressProps;
  /** The Gateway that models are published on. @default each route names its own */
  readonly gateway?: GatewayProps;
  /** Where Secrets come from that pods refer to. @default they are there already */
  readonly secrets?: SecretsProps;
  /** Which policies the cluster's network enforces: `kubernetes` (addresses and pods), or `cilium` (host names too). @default `kubernetes` */
  readonly networkPolicy?: 'kubernetes' | 'cilium';
  /**
   * Who offers GPUs to the kubelet, exactly one. `cluster`: it is there already. `slipway`: NVIDIA's device plugin is
   * rendered, for the nodes that Slipway has made. `gpuOperator`: Argo CD or Flux installs NVIDIA's GPU Operator from its
   * chart. @default `cluster`
   */
  readonly devicePlugin?: 'cluster' | 'slipway' | 'gpuOperator';
  /** Version of the chart `gpu-operator`, such as `v25.3.4`. Required with `devicePlugin: 'gpuOperator'`. @default none */
  readonly gpuOperatorVersion?: string;
  /** Machine types that Workspaces without one are placed on. @default the whole catalogue of the cloud */
  readonly machineTypes?: readonly string[];
  /** What Workspaces of this cluster start from; a Workspace's own value wins. @default nothing */
  readonly defaults?: ClusterDefaults;
  /** Licences that models may have, as SPDX ids or catalogue names. @default all */
  readonly allowedLicenses?: readonly string[];
  /** PriorityClasses to make, by name, for `pod.priorityClassName`. @default none: those that are named are there already */
  readonly priorityClasses?: Readonly<Record<string, PriorityClassProps>>;
  /** What its Workspaces may use at most. @default no limit */
  readonly budget?: BudgetProps;
}

/** Values for Workspaces that do not say otherwise. */
export interface ClusterDefaults {
  /** Namespace of their objects. @default `default` */
  readonly namespace?: string;
  /** Which image runs models. @default `slipway` */
  readonly image?: ImageKind | ImageProps;
  /** Name of the Secret in each namespace whose key `HF_TOKEN` holds a Hugging Face token. @default none */
  readonly modelAccessSecret?: string;
  /** Share of each GPU's memory that the runtime may use, above 0, up to 1. @default 0.84 (0.82 on an A10), as KAITO has it */
  readonly gpuMemoryUtilization?: number;
  /** What runs models over several nodes; `LeaderWorkerSet` where the cluster has its controller. @default `StatefulSet` */
  readonly multiNodeWorkload?: MultiNodeWorkload;
  /** Labels of every object and pod of a Workspace. @default none */
  readonly labels?: Readonly<Record<string, string>>;
  /** What is added to every pod; lists are joined with the Workspace's own. @default nothing */
  readonly pod?: PodProps;
  /** Callers and destinations; each list of a Workspace's own wins. @default those of a Workspace without any */
  readonly network?: NetworkProps;
}

/** Proxy and certificate authorities; they reach every container. */
export interface EgressProps {
  /** Proxy for http, such as `http://proxy.example.com:3128`; without a password. @default none */
  readonly httpProxy?: string;
  /** Proxy for https. @default none */
  readonly httpsProxy?: string;
  /** Hosts that are reached directly, besides the cluster's own. @default none */
  readonly noProxy?: readonly string[];
  /** Certificate authorities, in each namespace. @default those of the images */
  readonly caBundle?: {
    /** Name of the ConfigMap with a PEM bundle. */
    readonly configMap: string;
    /** Its key. @default `ca.crt` */
    readonly key?: string;
  };
}

/** A Gateway (Gateway API) that is there already. */
export interface GatewayProps {
  /** Its name. */
  readonly name: string;
  /** Its namespace. */
  readonly namespace: string;
  /** One listener of it. @default all */
  readonly sectionName?: string;
  /**
   * Whose Gateway it is. `istio`: what only Istio needs is made too, which is how it reaches endpoint pickers, and the
   * body-based router that tells it the model's name. `other`: it does both by itself. @default `other`
   */
  readonly implementation?: 'istio' | 'other';
}

/** A PriorityClass. */
export interface PriorityClassProps {
  /** Higher goes first; at most 1,000,000,000. It cannot be changed later: another value needs another name. */
  readonly value: number;
  /** Pods of lower priority make room, and their models go down. @default false: they only wait behind */
  readonly preempts?: boolean;
  /** For people. @default none */
  readonly description?: string;
}

/** The kinds of capacity. One implementation of the capacity contract stands behind each. */
export type NodeProvisioning =
  KarpenterProvisioning | GpuProvisionerProvisioning | AksAgentPoolsProvisioning | OwnNodesProvisioning;

/** Karpenter (self-managed, or AKS Node Auto Provisioning): one NodePool for each Workspace. */
export interface KarpenterProvisioning {
  /** Karpenter makes nodes for pending pods. */
  readonly kind: 'karpenter';
  /** Static NodePools (`spec.replicas`); needs Karpenter's alpha gate StaticCapacity. @default false */
  readonly staticCapacity?: boolean;
  /** An existing node class to refer to. @default one is created for each Workspace, with a disk that holds the model */
  readonly nodeClass?: {
    /** Name of the AKSNodeClass, EC2NodeClass or GCENodeClass. */
    readonly name: string;
  };
  /** Azure: image family of created AKSNodeClasses. @default `Ubuntu2204` */
  readonly imageFamily?: string;
  /** AWS: required to create EC2NodeClasses. @default none; then `nodeClass` is needed on AWS */
  readonly aws?: {
    /** IAM role of the nodes. */
    readonly role: string;
    /** Image of the nodes, by Karpenter's alias for it. @default `al2023@latest` */
    readonly amiAlias?: string;
    /** Tag value of subnets and security groups, `karpenter.sh/discovery=<value>`. @default the cluster's name */
    readonly discoveryTag?: string;
  };
}

/** KAITO's gpu-provisioner: one NodeClaim for each node. */
export interface GpuProvisionerProvisioning {
  /** gpu-provisioner makes a node for each NodeClaim. */
  readonly kind: 'gpuProvisioner';
  /** Operating system of the nodes. @default `ubuntu` */
  readonly nodeImageFamily?: 'ubuntu' | 'azurelinux';
}

/** AKS agent pools, made by Slipway's provisioner Job. */
export interface AksAgentPoolsProvisioning {
  /** A Job in the cluster makes the agent pools. */
  readonly kind: 'aksAgentPools';
  /** Azure subscription of the cluster, a GUID. */
  readonly subscriptionId: string;
  /** Resource group of the managed cluster, not that of its nodes. */
  readonly resourceGroup: string;
  /** Name of the managed cluster in Azure. */
  readonly clusterName: string;
  /** Client id of the workload identity that the Job uses. */
  readonly clientId: string;
  /** Tenant of the workload identity, a GUID. */
  readonly tenantId: string;
  /** Namespace of the Job. @default `slipway-system` */
  readonly namespace?: string;
  /** Azure's cloud, by which Resource Manager and Entra ID are found. @default `AZURE_PUBLIC_CLOUD` */
  readonly azureCloud?: 'AZURE_PUBLIC_CLOUD' | 'AZURE_CHINA_CLOUD' | 'AZURE_US_GOVERNMENT';
  /** Let the Job take nodes away when fewer replicas are asked for. @default false: it fails and says so */
  readonly allowScaleDown?: boolean;
  /** Settings of all pools that the Job makes. @default AKS's own */
  readonly pools?: AgentPoolSettings;
}

/**
 * Settings of agent pools that no Workspace decides. Azure changes none of them on a pool that exists, but for `tags`
 * and `waitFor`: a change is reported by the Job and not carried out.
 */
export interface AgentPoolSettings {
  /** Availability zones, such as `["1", "2"]`. @default none: regional, which is what most GPU sizes need */
  readonly zones?: readonly string[];
  /** `Ephemeral` keeps the system disk on the machine, where its cache or temporary disk is large enough. @default Azure's choice for the machine type */
  readonly osDiskType?: 'Managed' | 'Ephemeral';
  /** `None` where the NVIDIA GPU Operator owns the driver. @default `Install` */
  readonly gpuDriver?: 'Install' | 'None';
  /** Pods of one node, 10 to 250. @default AKS's for the cluster's network */
  readonly maxPods?: number;
  /** Resource id of the nodes' subnet. @default the cluster's */
  readonly subnetId?: string;
  /** Highest price of a spot node in US dollars an hour; -1 pays up to the on-demand price. @default -1 */
  readonly spotMaxPrice?: number;
  /** What Azure does with a spot machine that it takes back. @default `Delete` */
  readonly evictionPolicy?: 'Delete' | 'Deallocate';
  /** Azure tags, beside Slipway's own. @default none */
  readonly tags?: Readonly<Record<string, string>>;
  /** How far the Job waits for each pool, and how long. @default for GPUs, as `AgentPoolWait` says */
  readonly waitFor?: AgentPoolWait;
}

/** How far the Job waits for each pool, and how long. */
export interface AgentPoolWait {
  /** `arm`: Azure says Succeeded; `nodes`: nodes are Ready; `gpu`: nodes offer their GPUs. @default `gpu` */
  readonly level?: 'arm' | 'nodes' | 'gpu';
  /** Longest operation on the pool. @default 1800 */
  readonly armTimeoutSeconds?: number;
  /** Longest wait for Ready nodes after it. @default 900 */
  readonly nodesTimeoutSeconds?: number;
  /** Longest wait for their GPUs after that. @default 600 */
  readonly gpuTimeoutSeconds?: number;
}

/** Nodes that exist already; nothing is emitted for them. */
export interface OwnNodesProvisioning {
  /** The nodes are there. */
  readonly kind: 'ownNodes';
  /** What each GPU node has. */
  readonly gpu: {
    /** As the label `nvidia.com/gpu.product` says, such as `NVIDIA-A100-SXM4-80GB`. */
    readonly product: string;
    /** GPUs of each node. */
    readonly count: number;
    /** Memory of each GPU, in GiB. */
    readonly memoryGiB: number;
    /** CUDA compute capability, such as 8.0. @default 8.0 */
    readonly computeCapability?: number;
    /** MIG profiles that GPUs are cut into (strategy `mixed`), such as `3g.40gb`. @default any that such a GPU can have */
    readonly migProfiles?: readonly string[];
  };
  /** CPUs of each node. @default unknown: pods ask for one a GPU */
  readonly cpu?: number;
  /** Memory of each node, in GiB. @default unknown: pods ask for 8 GiB a GPU */
  readonly memoryGiB?: number;
}
