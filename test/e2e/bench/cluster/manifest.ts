/** A Kubernetes object of any kind, as far as every kind has it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Metadata;
  readonly [field: string]: unknown;
}

/** Metadata of an object; what the server fills in is there on live objects only. */
export interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly {
    readonly apiVersion?: string;
    readonly kind: string;
    readonly name: string;
    readonly uid?: string;
    readonly controller?: boolean;
  }[];
  readonly finalizers?: readonly string[];
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string | Date;
  readonly deletionTimestamp?: string | Date;
}

/** What names one object. */
export interface ObjectRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

/** What names `object`. */
export function refOf({ apiVersion, kind, metadata }: Manifest): ObjectRef {
  const { name, namespace } = metadata;
  return { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) };
}

/** The name of an object for a message: `Deployment team-a/phi (apps/v1)`. */
export function describe(ref: ObjectRef): string {
  return `${ref.kind} ${ref.namespace === undefined ? '' : `${ref.namespace}/`}${ref.name} (${ref.apiVersion})`;
}

/** What a controller tells of an object. */
export interface Event extends Manifest {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly lastTimestamp?: string;
  readonly involvedObject: { readonly kind: string; readonly name: string; readonly uid?: string };
}

/** One of `status.conditions`. */
export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string | Date;
  readonly observedGeneration?: number;
}

/** The condition of that type, if the object has it. */
export function conditionOf(object: Manifest, type: string): Condition | undefined {
  const { status } = object as { status?: { conditions?: readonly Condition[] } };
  return status?.conditions?.find((condition) => condition.type === type);
}
