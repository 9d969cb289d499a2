/** Who may call the model of a Workspace, and what its pods may reach. Each list that is given closes everything else. */
export interface NetworkProps {
  /**
   * Who may call the model. The Gateway of its route, the endpoint picker and Prometheus may too, where there are such.
   * @default every pod of the cluster; everybody where the Service is a load balancer
   */
  readonly callers?: readonly CallerProps[];
  /**
   * What its pods may open connections to, besides DNS, each other, and what Slipway itself has them fetch: weights,
   * adapters, training data. An empty list leaves only that. @default everything
   */
  readonly destinations?: readonly DestinationProps[];
}

/** Pods, chosen by namespace, labels or both; or addresses outside the cluster. */
export interface CallerProps {
  /** Pods of this namespace. @default the Workspace's own, where `podLabels` is given */
  readonly namespace?: string;
  /** Pods of namespaces with these labels. @default none */
  readonly namespaceLabels?: Readonly<Record<string, string>>;
  /** Pods with these labels; of the Workspace's own namespace unless namespaces are named. @default all pods */
  readonly podLabels?: Readonly<Record<string, string>>;
  /** Addresses outside the cluster, such as `10.20.0.0/16`. @default none */
  readonly cidr?: string;
}

/** Pods, addresses outside the cluster, or a host. */
export interface DestinationProps extends CallerProps {
  /**
   * A host, or several with an asterisk for a part: `*.example.com`. Only Cilium knows hosts by name; with a plain
   * NetworkPolicy the port is open to every address, and a warning says so. @default none
   */
  readonly host?: string;
  /** One TCP port. @default 443 for a host, every port otherwise */
  readonly port?: number;
}
