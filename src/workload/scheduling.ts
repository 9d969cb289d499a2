import type { Toleration } from 'kubernetes-types/core/v1';

/** What pods carry so that they land on the nodes of a request and nowhere else. */
export interface PodScheduling {
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly Toleration[];
}
