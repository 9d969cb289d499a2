import type {
  Affinity,
  Container,
  EnvVar,
  HostAlias,
  PodDNSConfig,
  Toleration,
  TopologySpreadConstraint,
  Volume,
  VolumeMount,
} from 'kubernetes-types/core/v1';

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
