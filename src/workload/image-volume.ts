import type { Volume } from 'kubernetes-types/core/v1';
import type { ClusterSpec } from '../spec/normal';

/**
 * Minor versions of Kubernetes with image volumes (KEP-4639): behind the feature gate ImageVolume, with `subPath`, from
 * 1.33; on by default from 1.35.
 */
const GATED_MINOR = 33;
const DEFAULT_MINOR = 35;

/** Whether `cluster` mounts images as volumes: by default, where its feature gate is on, or not at all. */
export function imageVolumes({ kubernetesVersion }: ClusterSpec): 'default' | 'gated' | 'none' {
  const [major = 0, minor = 0] = kubernetesVersion.split('.').map(Number);
  if (major > 1 || minor >= DEFAULT_MINOR) return 'default';
  return minor >= GATED_MINOR ? 'gated' : 'none';
}

/** A volume with the files of an image; kubernetes-types ends at 1.30, and `image` came with 1.31. */
export function imageVolume(name: string, reference: string): Volume {
  const volume: Volume & { image: { reference: string; pullPolicy: string } } = {
    name,
    image: { reference, pullPolicy: 'IfNotPresent' },
  };
  return volume;
}
