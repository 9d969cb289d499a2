import type { Container, Volume } from 'kubernetes-types/core/v1';
import type { ImageUser } from './security';

/** What a model's pod is made of, before the user's and the cluster's additions. */
export interface ServerParts {
  readonly user: ImageUser;
  readonly containers: readonly Container[];
  readonly initContainers: readonly Container[];
  readonly volumes: readonly Volume[];
  readonly imagePullSecrets: readonly string[];
}
