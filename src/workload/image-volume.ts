import type { Volume } from 'kubernetes-types/core/v1';
import type { ClusterSpec } from '../spec/normal';
import { isKubernetesAtLeast } from './kubernetes-version';

/**
 * Minor versions of Kubernetes with image volumes (KEP-4639): behind the feature gate ImageVolume, with `subPath`, from
 * 1.33; on by default from 1.35.
 */
const GATED_MINOR = 33;
const DEFAULT_MINOR = 35;

/** Whether `cluster` mounts images as volumes: by default, where its feature gate is on, or not at all. */
export function imageVolumes(cluster: ClusterSpec): 'default' | 'gated' | 'none' {
  if (isKubernetesAtLeast(cluster, DEFAULT_MINOR)) return 'default';
  return isKubernetesAtLeast(cluster, GATED_MINOR) ? 'gated' : 'none';
}

/** A volume with the files of an image; kubernetes-types ends at 1.30, and `image` came with 1.31. */
export function imageVolume(name: string, reference: string): Volume {
  const volume: Volume & { image: { reference: string; pullPolicy: string } } = {
    name,
    image: { reference, pullPolicy: 'IfNotPresent' },
  };
  return volume;
}
