import type { Fault, FaultClass } from '../faults/fault';

/** One line of progress. Machines get it as NDJSON, people as text. */
export interface ProgressEvent {
  /** ISO time. */
  readonly ts: string;
  readonly level: 'info' | 'warning' | 'error';
  /** Stable identifier, such as `pool-create`, `node-wait`. */
  readonly event: string;
  readonly pool?: string;
  /** For people: lower case, no full stop. */
  readonly message: string;
  readonly class?: FaultClass;
  /** The service's own code. */
  readonly code?: string;
  readonly armRequestId?: string;
  readonly correlationId?: string;
  /** Counts from 1. */
  readonly attempt?: number;
  readonly durationMs?: number;
}

/** Where progress goes. */
export type Reporter = (event: Omit<ProgressEvent, 'ts'>) => void;

/** The fields of an event that come from a fault. */
export function faultFields(
  fault: Fault,
): Pick<ProgressEvent, 'class' | 'code' | 'armRequestId' | 'correlationId'> {
  return {
    class: fault.class,
    code: fault.code,
    ...(fault.armRequestId === undefined ? {} : { armRequestId: fault.armRequestId }),
    ...(fault.correlationId === undefined ? {} : { correlationId: fault.correlationId }),
  };
}

/** The service's words about a fault on one line, nested ones included. */
export function faultText(fault: Fault): string {
  const inner = fault.details
    .filter((detail) => detail.code !== fault.code && !fault.message.includes(detail.message))
    .map((detail) => `${detail.code}: ${detail.message}`);
  return [`${fault.code}: ${fault.message}`, ...inner].join(' | ').replace(/\s+/g, ' ').trim();
}
