import type { Container, EnvVar, Volume, VolumeMount } from 'kubernetes-types/core/v1';
import type { ClusterSpec } from '../../spec/normal';
import type { Problem } from '../../spec/problem';
import type { ImageKind } from '../../spec/workspace';
import type { Decision } from '../decision';
import type { Probes } from '../probes';
import type { ImageUser } from '../security';

/** The pods that serve one copy of a model together, one on each node. */
export interface Group {
  readonly nodes: number;
  /** DNS name of the pod with index 0; or the variable that holds it, where all groups share one template. */
  readonly leader: { readonly address: string } | { readonly variable: string };
  /** Label of every pod with its index in the group. */
  readonly indexLabel: string;
}

/** How an image is told to serve a model. */
export interface ServerProgram extends Probes {
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env: readonly EnvVar[];
  /** Files by name, mounted read-only in `folder` from an immutable ConfigMap. Rendered when they are asked for: a check needs none. */
  readonly config?: { readonly folder: string; files(): Readonly<Record<string, string>> };
  /** Ports besides the serving one. No Service or NetworkPolicy opens them. */
  readonly ports?: Container['ports'];
  readonly initContainers?: readonly Container[];
  readonly volumes?: readonly Volume[];
  readonly volumeMounts?: readonly VolumeMount[];
}

/**
 * An image that runs models. There is one implementation for each kind, in a folder of its own; nothing else knows
 * command lines, paths or users.
 */
export interface RuntimeImage {
  readonly kind: ImageKind;
  readonly user: ImageUser;
  /** False where programs write beside the mounted folders. */
  readonly readOnlyRootFilesystem: boolean;
  /** Where the weights volume is mounted. */
  readonly weightsFolder: string;
  /** Reference that this version was tested with, as `cluster` reaches it. */
  reference(cluster: ClusterSpec): string;
  /** What the image cannot honour in `decision`. */
  check(decision: Decision): readonly Problem[];
  /** The program for one pod that serves alone (`group` null), or for each pod of a group. */
  program(decision: Decision, group: Group | null): ServerProgram;
}
