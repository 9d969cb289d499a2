import type { PodSecurityContext, SecurityContext } from 'kubernetes-types/core/v1';

/** Who an image runs as. */
export interface ImageUser {
  /** 0 for images that cannot run as anybody else. */
  readonly uid: number;
  readonly gid: number;
  /** The account's name; PyTorch asks for it when it builds its cache path. */
  readonly name: string;
  /** Writable home folder: an emptyDir is mounted there. */
  readonly home: string;
}

/** Security of the pod, as the `restricted` Pod Security Standard asks for where the image allows it. */
export function podSecurityContext(user: ImageUser): PodSecurityContext {
  return {
    ...(user.uid !== 0 && { runAsNonRoot: true, runAsUser: user.uid, runAsGroup: user.gid }),
    // emptyDirs and claims are made writable for the group; OnRootMismatch spares a walk over the weights.
    ...(user.gid !== 0 && { fsGroup: user.gid, fsGroupChangePolicy: 'OnRootMismatch' }),
    seccompProfile: { type: 'RuntimeDefault' },
  };
}

/** Security of each container. */
export function containerSecurityContext(readOnlyRootFilesystem = true): SecurityContext {
  return {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    readOnlyRootFilesystem,
  };
}
