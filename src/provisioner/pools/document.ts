/** Version of the pools document that this program reads. */
export const POOLS_SCHEMA_VERSION = 1;

/** The desired agent pools of one AKS cluster: what synth writes, and what `slipway provision` makes true. */
export interface PoolsDocument {
  readonly schemaVersion: typeof POOLS_SCHEMA_VERSION;
  readonly cluster: ClusterTarget;
  /** Who owns the pools; written as the tag `slipway-owner`, and only pools that carry it are ever changed. */
  readonly owner: string;
  readonly pools: readonly PoolSpec[];
}

/** The managed cluster. `AZURE_SUBSCRIPTION_ID`, `AZURE_RESOURCE_GROUP` and `AKS_CLUSTER_NAME` override it. */
export interface ClusterTarget {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly name: string;
  /** @default `AZURE_PUBLIC_CLOUD` */
  readonly cloud?: 'AZURE_PUBLIC_CLOUD' | 'AZURE_CHINA_CLOUD' | 'AZURE_US_GOVERNMENT';
}

/** One agent pool. */
export interface PoolSpec {
  /** 1 to 12 lower-case letters and digits, a letter first (Azure's rule for Linux pools). */
  readonly name: string;
  /** Machine types in order of preference: the next is tried when Azure has no quota or capacity for one. */
  readonly candidates: readonly Candidate[];
  /** Fixed number of nodes, 0 to 1000. Exactly one of `count` and `autoscale` is given. */
  readonly count?: number;
  /** Bounds for the cluster autoscaler. */
  readonly autoscale?: { readonly min: number; readonly max: number };
  /** @default Azure's default for the cluster */
  readonly osSKU?: 'Ubuntu' | 'Ubuntu2204' | 'Ubuntu2404' | 'AzureLinux' | 'AzureLinux3';
  /**
   * Size of the operating system's disk in GiB (ARM writes GB), 30 to 2048; a pool that has more is as described.
   * @default Azure's default for the machine type
   */
  readonly osDiskSizeGB?: number;
  readonly osDiskType?: 'Managed' | 'Ephemeral';
  readonly labels?: Readonly<Record<string, string>>;
  /** As `key=value:Effect`. */
  readonly taints?: readonly string[];
  /** `None` where the NVIDIA GPU Operator owns the driver. @default `Install` */
  readonly gpuDriver?: 'Install' | 'None';
  /** MIG profile of every GPU of the pool. @default none: whole GPUs */
  readonly gpuInstanceProfile?: 'MIG1g' | 'MIG2g' | 'MIG3g' | 'MIG4g' | 'MIG7g';
  readonly maxPods?: number;
  /** Resource id of the nodes' subnet. @default the cluster's */
  readonly subnetId?: string;
  /** Azure tags, beside Slipway's own `managed-by`, `slipway-owner` and `slipway-zones`. */
  readonly tags?: Readonly<Record<string, string>>;
  readonly waitFor?: WaitSpec;
}

/** One machine type of a pool. */
export interface Candidate {
  readonly vmSize: string;
  /** GPUs of one node. @default what Slipway's catalogue says */
  readonly gpusPerNode?: number;
  /** Availability zones. @default none: regional, which is what most GPU sizes need */
  readonly zones?: readonly string[];
  /** @default `Regular` */
  readonly priority?: 'Regular' | 'Spot';
  /** US dollars an hour for a spot node; -1 pays up to the on-demand price. @default -1 */
  readonly spotMaxPrice?: number;
  /** @default `Delete` */
  readonly evictionPolicy?: 'Delete' | 'Deallocate';
}

/** How far to wait for one pool, and how long. */
interface WaitSpec {
  /** `arm`: Azure says Succeeded; `nodes`: nodes are Ready; `gpu`: nodes offer their GPUs. @default `gpu` */
  readonly level?: WaitLevel;
  /** Resource that a node offers its GPUs as; with MIG strategy `mixed` such as `nvidia.com/mig-1g.10gb`. @default `nvidia.com/gpu` */
  readonly gpuResource?: string;
  /** @default 1800 */
  readonly armTimeoutSeconds?: number;
  /** @default 900 */
  readonly nodesTimeoutSeconds?: number;
  /** @default 600 */
  readonly gpuTimeoutSeconds?: number;
}

/** What is waited for. */
export type WaitLevel = 'arm' | 'nodes' | 'gpu';
