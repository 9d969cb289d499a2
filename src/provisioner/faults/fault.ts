/** What a failure means for what to do next. The table is in classify.ts. */
export type FaultClass =
  | 'quota'
  | 'sku'
  | 'capacity'
  | 'zone'
  | 'busy'
  | 'etag'
  | 'throttled'
  | 'network-config'
  | 'auth'
  | 'spec'
  | 'wrapper'
  | 'not-found'
  | 'transient'
  | 'timeout';

/** One node of Azure's error tree, in the service's own words. */
export interface FaultDetail {
  readonly code: string;
  readonly message: string;
}

/** A failed call or operation. */
export interface Fault {
  readonly class: FaultClass;
  /** The service's code that decided the class. */
  readonly code: string;
  /** The service's own words. */
  readonly message: string;
  /** Every node of the error tree, outermost first. */
  readonly details: readonly FaultDetail[];
  /** HTTP status, where there was an answer. */
  readonly status?: number;
  /** `Retry-After` of the answer. */
  readonly retryAfterSeconds?: number;
  /** `x-ms-request-id`: what Azure's support asks for. */
  readonly armRequestId?: string;
  readonly correlationId?: string;
}

/** Thrown for every failure of the service. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';

  constructor(
    readonly fault: Fault,
    options?: ErrorOptions,
  ) {
    super(`${fault.code}: ${fault.message}`, options);
  }
}

/** The fault that `error` carries, or undefined for an error that is not the service's. */
export function serviceFault(error: unknown): Fault | undefined {
  return error instanceof ServiceError ? error.fault : undefined;
}

/** True for the classes that another machine type may avoid. */
export function isAvailability(fault: Fault): boolean {
  return (
    fault.class === 'quota' || fault.class === 'sku' || fault.class === 'capacity' || fault.class === 'zone'
  );
}
