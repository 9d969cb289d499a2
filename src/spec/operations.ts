/** What users of a served model otherwise write by hand. Each part is off unless given. */
export interface OperationsProps {
  /** Follow the load instead of a fixed number of replicas. Models over several nodes need `multiNodeWorkload: LeaderWorkerSet`. @default fixed `replicas` */
  readonly autoscaling?: AutoscalingProps;
  /** How many replicas a node drain may take down at once. @default no PodDisruptionBudget */
  readonly disruptionBudget?: DisruptionBudgetProps;
  /**
   * Prefer different zones, or different nodes, for the replicas: a preference, since a GPU elsewhere is better than none.
   * Single-node models only. @default wherever there is a GPU
   */
  readonly spread?: 'zone' | 'node';
  /** Scrape the server's metrics. @default not scraped */
  readonly monitoring?: MonitoringProps;
  /** Publish the model on a Gateway. @default reachable inside the cluster only */
  readonly route?: RouteProps;
  /** Choose the replica for each request by load and cached prefixes. @default the Service's round robin */
  readonly inferencePool?: InferencePoolProps;
}

/** Each field of `OperationsProps` once: the compiler misses none. */
const PARTS: Readonly<Record<keyof OperationsProps, true>> = {
  autoscaling: true,
  disruptionBudget: true,
  spread: true,
  monitoring: true,
  route: true,
  inferencePool: true,
};

/** Names of the fields of `OperationsProps`. */
export const OPERATION_PARTS = Object.keys(PARTS) as readonly (keyof OperationsProps)[];

/** The fields of `given` that belong to `OperationsProps`, as far as they have a value. */
export function operationsIn<Given extends { readonly [Part in keyof OperationsProps]?: unknown }>(
  given: Given,
): Pick<Given, keyof OperationsProps & keyof Given> {
  const found = OPERATION_PARTS.flatMap((part) => (given[part] === undefined ? [] : [[part, given[part]]]));
  return Object.fromEntries(found) as Pick<Given, keyof OperationsProps & keyof Given>;
}

/** Replicas between two bounds, by the requests that wait for a GPU. */
export interface AutoscalingProps {
  /**
   * `keda`: a ScaledObject that asks Prometheus; `hpa`: a HorizontalPodAutoscaler on the custom metric
   * `vllm_num_requests_waiting`, which an adapter such as prometheus-adapter has to serve.
   * @default `keda`
   */
  readonly by?: 'keda' | 'hpa';
  /** 0 gives the GPUs back when nobody calls; `keda` only. @default 1 */
  readonly minReplicas?: number;
  /** Most replicas, 1 or more; nodes are provided for as many. */
  readonly maxReplicas: number;
  /** Waiting requests per replica that one more replica is started for. @default 5 */
  readonly waitingRequests?: number;
  /** Prometheus that KEDA asks. @default `http://prometheus-operated.monitoring.svc:9090` */
  readonly prometheusAddress?: string;
  /**
   * PromQL for requests that reach the Gateway or client side; above 0 it starts the first replica. Required with
   * `minReplicas: 0`, since a model without a pod reports no metrics. @default none
   */
  readonly wakeQuery?: string;
  /** Seconds without load after which the last replica goes (`minReplicas: 0`). @default 900 */
  readonly cooldownSeconds?: number;
}

/** A PodDisruptionBudget. */
export interface DisruptionBudgetProps {
  /** Replicas that may be down at once, as a number or a percentage. @default 1 */
  readonly maxUnavailable?: number | string;
}

/** A PodMonitor and, if wanted, a dashboard. */
export interface MonitoringProps {
  /** Labels that the Prometheus of the cluster selects PodMonitors by. @default none */
  readonly labels?: Readonly<Record<string, string>>;
  /** Namespace of Prometheus, which may scrape where `network.callers` names who may call. @default `monitoring` */
  readonly namespace?: string;
  /** Seconds between two scrapes. @default 15 */
  readonly intervalSeconds?: number;
  /** Add a Grafana dashboard as a ConfigMap with the label `grafana_dashboard: "1"`. @default false */
  readonly dashboard?: boolean;
}

/** An HTTPRoute. */
export interface RouteProps {
  /** The Gateway that it attaches to. @default the cluster's `gateway` */
  readonly gateway?: {
    /** Its name. */
    readonly name: string;
    /** Its namespace. @default that of the Workspace */
    readonly namespace?: string;
    /** One listener of it. @default all */
    readonly sectionName?: string;
  };
  /** Host names that the model answers to; an asterisk may stand for the first part. @default those of the Gateway */
  readonly hostnames?: readonly string[];
  /** Path prefix, which the server does not see. @default `/` */
  readonly path?: string;
  /**
   * Take the requests for this model, and for its adapters, only: by the header `X-Gateway-Model-Name`, which the Gateway
   * sets from the `model` of a request's body. Several Workspaces then share a host and path. @default false
   */
  readonly byModelName?: boolean;
}

/** An InferencePool, and the endpoint picker that chooses among its replicas (Gateway API Inference Extension). */
export interface InferencePoolProps {
  /**
   * What the Gateway does while the picker cannot be reached: `FailOpen` takes any replica, `FailClose` answers with an
   * error. @default `FailOpen`
   */
  readonly failureMode?: 'FailOpen' | 'FailClose';
  /**
   * How the picker picks: `plugins` and `schedulingProfiles` of llm-d's EndpointPickerConfig.
   * @default shortest queue, emptiest KV cache and longest cached prefix; with roles prefill before decode
   */
  readonly pickerConfig?: PickerConfigProps;
  /** Image of the picker. @default llm-d's, at the version that this version of Slipway was written for */
  readonly image?: string;
}

/** How an endpoint picker picks: `EndpointPickerConfig` of llm-d's router 0.9. The plugins that read metrics are added to it. */
export interface PickerConfigProps {
  /** What is counted, and how. */
  readonly plugins: readonly {
    /** Which plugin of the picker it is. */
    readonly type: string;
    /** Name that profiles use. @default the type */
    readonly name?: string;
    /** Its settings. @default the plugin's own */
    readonly parameters?: Readonly<Record<string, unknown>>;
  }[];
  /** Which plugins pick a replica, with their weights. */
  readonly schedulingProfiles: readonly {
    /** Its name. */
    readonly name: string;
    /** Its plugins. */
    readonly plugins: readonly {
      /** Name of the plugin. */
      readonly pluginRef: string;
      /** How much its score counts. @default the picker's own */
      readonly weight?: number;
    }[];
  }[];
}
