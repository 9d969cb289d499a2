import { posix } from 'node:path';
import type { PodSpec } from 'kubernetes-types/core/v1';
import { child } from '../../spec/fields';
import type { Place, Problem } from '../../spec/problem';
import type { PodProps } from '../../spec/workspace';
import type { NodeDecision } from '../decision';

/** Volumes of ours that are mere room to write: the user may put others in their place. */
const REPLACEABLE: ReadonlySet<string> = new Set(['home', 'shm', 'tmp']);

/** Volumes and mounts of the user's in the place of those that the pod needs: `own` is the pod without the user's additions. */
export function checkVolumes({ workspace, cluster }: NodeDecision, own: PodSpec): Problem[] {
  const needed = (own.volumes ?? []).map(({ name }) => name).filter((name) => !REPLACEABLE.has(name));
  const mounts = [...(own.initContainers ?? []), ...own.containers]
    .flatMap(({ volumeMounts }) => volumeMounts ?? [])
    .filter(({ name }) => !REPLACEABLE.has(name));
  const taken = new Map(mounts.map(({ mountPath, name }) => [withoutSlash(mountPath), name]));
  const owners: readonly (readonly [PodProps, (field: string) => Place])[] = [
    [workspace.pod, (field) => workspace.at(`pod.${field}`)],
    [cluster.defaults.pod, (field) => cluster.at(`defaults.pod.${field}`)],
  ];
  return owners.flatMap(([{ volumes = [], volumeMounts = [] }, at]) => [
    ...volumes.flatMap(({ name }, index): Problem[] =>
      needed.includes(name) ? [volumeTaken(name, at(`${child('volumes', index)}.name`))] : [],
    ),
    ...volumeMounts.flatMap(({ mountPath }, index): Problem[] => {
      const volume = taken.get(withoutSlash(mountPath));
      if (volume === undefined) return [];
      return [mountTaken(mountPath, volume, at(`${child('volumeMounts', index)}.mountPath`))];
    }),
  ]);
}

function volumeTaken(name: string, place: Place): Problem {
  return {
    severity: 'error',
    code: 'volume-name-taken',
    ...place,
    message: `the pod has a volume ${name} of its own, which this one would take the place of`,
    allowed: `another name; ${[...REPLACEABLE].join(', ')} are replaced by yours`,
    next: 'rename it, here and in volumeMounts',
  };
}

function mountTaken(mountPath: string, volume: string, place: Place): Problem {
  return {
    severity: 'error',
    code: 'mount-path-taken',
    ...place,
    message: `${mountPath} is where the pod has its own volume ${volume}`,
    allowed: 'a folder in which nothing of the pod is mounted',
    next: 'mount it elsewhere',
  };
}

function withoutSlash(path: string): string {
  return posix.normalize(path).replace(/(.)\/$/, '$1');
}
