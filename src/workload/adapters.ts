import type { Container, Volume, VolumeMount } from 'kubernetes-types/core/v1';
import type { AdapterSpec } from '../spec/normal';
import type { Decision, NodeDecision } from './decision';
import { slipwayReference } from './images/slipway/reference';
import { shortHash } from './names';
import { GIB, binaryQuantity } from './quantity';
import { CREDENTIALS_FOLDER, TRANSFER_RESOURCES, credentialsVolume } from './transfer';
import { containerSecurityContext } from './security';

/** Where every image looks for adapters: one folder each, named after the adapter. KAITO's path. */
export const ADAPTERS_FOLDER = '/mnt/adapter';

/** Folder inside an adapter image; KAITO's convention. */
const IMAGE_FOLDER = 'data';
const ADAPTERS_VOLUME = 'adapters';
/** Space for each adapter image, unpacked: a rank 64 adapter of a 70B model has about 1.6 GB; estimated. */
const ADAPTER_BYTES = 4 * GIB;

/** Kubernetes minor version with image volumes on by default (KEP-4639). */
const IMAGE_VOLUME_MINOR = 35;

/** What adapters add to a pod. */
export interface AdapterParts {
  readonly initContainers: readonly Container[];
  readonly volumes: readonly Volume[];
  readonly volumeMounts: readonly VolumeMount[];
  /** Names of Secrets that the kubelet needs to pull image volumes. */
  readonly imagePullSecrets: readonly string[];
}

/** The adapters of an inference Workspace. */
export function adaptersOf({ workspace }: Decision): readonly AdapterSpec[] {
  return workspace.inference?.adapters ?? [];
}

/** Their names, in the order given. */
export function adapterNames(decision: Decision): string[] {
  return adaptersOf(decision).map(({ name }) => name);
}

/** Volumes, mounts and init steps that bring every adapter to `/mnt/adapter/<name>`. */
export function adapterParts(decision: Decision): AdapterParts {
  const initContainers: Container[] = [];
  const volumes: Volume[] = [];
  const volumeMounts: VolumeMount[] = [];
  const imagePullSecrets: string[] = [];
  const asVolumes = hasImageVolumes(decision);
  const pulled = adaptersOf(decision).filter(({ source }) => source.image !== undefined && !asVolumes);

  for (const { name, source } of adaptersOf(decision)) {
    const mountPath = `${ADAPTERS_FOLDER}/${name}`;
    if (source.volumeSource !== undefined) {
      volumes.push({ name: `adapter-${partName(name)}`, ...source.volumeSource });
      volumeMounts.push({ name: `adapter-${partName(name)}`, mountPath, readOnly: true });
    } else if (source.image !== undefined && asVolumes) {
      volumes.push(imageVolume(`adapter-${partName(name)}`, source.image));
      volumeMounts.push({
        name: `adapter-${partName(name)}`,
        mountPath,
        subPath: IMAGE_FOLDER,
        readOnly: true,
      });
      imagePullSecrets.push(...(source.imagePullSecrets ?? []));
    }
  }
  if (pulled.length > 0) {
    volumes.push({
      name: ADAPTERS_VOLUME,
      emptyDir: { sizeLimit: binaryQuantity(ADAPTER_BYTES * pulled.length) },
    });
    for (const { name, source } of pulled) {
      const { container, credentials } = fetchStep(
        decision,
        name,
        source.image ?? '',
        source.imagePullSecrets ?? [],
      );
      initContainers.push(container);
      if (credentials !== null) volumes.push(credentials);
      // One mount for each, so that adapters from volumes can lie beside them.
      volumeMounts.push({
        name: ADAPTERS_VOLUME,
        mountPath: `${ADAPTERS_FOLDER}/${name}`,
        subPath: name,
        readOnly: true,
      });
    }
  }
  return { initContainers, volumes, volumeMounts, imagePullSecrets };
}

/** Adapters may have names with dots and up to 253 characters; volumes and containers have DNS labels. */
function partName(adapter: string): string {
  return /^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/.test(adapter) ? adapter : shortHash(adapter);
}

/** True where the cluster mounts images as volumes without a feature gate. */
export function hasImageVolumes({ cluster }: NodeDecision): boolean {
  const [major = 0, minor = 0] = cluster.kubernetesVersion.split('.').map(Number);
  return major > 1 || (major === 1 && minor >= IMAGE_VOLUME_MINOR);
}

/** kubernetes-types ends at 1.30; `image` came with 1.31. */
function imageVolume(name: string, reference: string): Volume {
  const volume: Volume & { image: { reference: string; pullPolicy: string } } = {
    name,
    image: { reference, pullPolicy: 'IfNotPresent' },
  };
  return volume;
}

function fetchStep(
  decision: Decision,
  name: string,
  image: string,
  secrets: readonly string[],
): { container: Container; credentials: Volume | null } {
  const volume = `adapter-registry-${partName(name)}`;
  const credentials = credentialsVolume(volume, secrets);
  const { arch } = decision.placement.machine;
  return {
    credentials,
    container: {
      name: `fetch-${partName(name)}`,
      image: slipwayReference(decision.cluster),
      args: [
        'fetch',
        'image',
        image,
        `--into=${ADAPTERS_FOLDER}/${name}`,
        `--architecture=${arch}`,
        ...(credentials === null ? [] : [`--auth-file=${CREDENTIALS_FOLDER}`]),
      ],
      resources: TRANSFER_RESOURCES,
      securityContext: { ...containerSecurityContext(), runAsNonRoot: true },
      volumeMounts: [
        { name: ADAPTERS_VOLUME, mountPath: ADAPTERS_FOLDER },
        { name: 'tmp', mountPath: '/tmp' },
        ...(credentials === null ? [] : [{ name: volume, mountPath: CREDENTIALS_FOLDER, readOnly: true }]),
      ],
    },
  };
}
