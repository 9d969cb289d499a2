/** The little of Kubernetes that the provisioner needs. Every method throws KubernetesError. */
export interface Kubernetes {
  /** Nodes that belong to any agent pool. */
  nodes(): Promise<readonly NodeState[]>;
  /** Undefined when there is none. */
  readLease(namespace: string, name: string): Promise<LeaseState | undefined>;
  /** False when someone else has created it in the meantime. */
  createLease(namespace: string, name: string, holding: LeaseHolding): Promise<LeaseState | undefined>;
  /** Undefined when someone else has changed it in the meantime. */
  replaceLease(
    namespace: string,
    name: string,
    holding: LeaseHolding,
    current: LeaseState,
  ): Promise<LeaseState | undefined>;
  /** Tells `kubectl describe pod` how the run ended. */
  createEvent(event: PodEvent): Promise<void>;
}

/** A node of an agent pool. */
export interface NodeState {
  readonly name: string;
  /** Value of the label `kubernetes.azure.com/agentpool`. */
  readonly pool: string;
  readonly ready: boolean;
  /** Reason and message of the Ready condition when it is not True. */
  readonly notReadyReason: string;
  /** The cloud controller has not seen the node yet. */
  readonly uninitialized: boolean;
  /** Extended resources, as whole numbers. */
  readonly allocatable: Readonly<Record<string, number>>;
}

/** A `coordination.k8s.io/v1` Lease. */
export interface LeaseState {
  readonly holder: string;
  readonly resourceVersion: string;
  readonly transitions: number;
}

/** What is written into a Lease. An empty holder releases it. */
export interface LeaseHolding {
  readonly holder: string;
  readonly durationSeconds: number;
  /** When it is written, milliseconds since 1970. */
  readonly at: number;
  /** When the holder took it, milliseconds since 1970. */
  readonly acquiredAt: number;
  readonly transitions: number;
}

/** An Event about the pod of this run. */
export interface PodEvent {
  readonly namespace: string;
  readonly podName: string;
  readonly podUid: string;
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Thrown when the API server refuses or does not answer. */
export class KubernetesError extends Error {
  override readonly name = 'KubernetesError';

  constructor(
    message: string,
    /** HTTP status; undefined when no answer came. */
    readonly status: number | undefined,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
