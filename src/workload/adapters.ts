import type { Container, Volume, VolumeMount } from 'kubernetes-types/core/v1';
import type { AdapterSpec } from '../spec/normal';
import type { Decision } from './decision';
import { imageVolume, imageVolumes } from './image-volume';
import { shortHash } from './names';
import { GIB, binaryQuantity } from './quantity';
import { credentialsVolume, transferStep } from './transfer';

/** Where every image looks for adapters: one folder each, named after the adapter. KAITO's path. */
export const ADAPTERS_FOLDER = '/mnt/adapter';

/** Folder inside an adapter image; KAITO's convention. */
const IMAGE_FOLDER = 'data';
const ADAPTERS_VOLUME = 'adapters';
/** Space for each adapter image, unpacked: a rank 64 adapter of a 70B model has about 1.6 GB; estimated. */
const ADAPTER_BYTES = 4 * GIB;

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
  const asVolumes = imageVolumes(decision.cluster) === 'default';
  const pulled = adaptersOf(decision).filter(({ source }) => source.image !== undefined && !asVolumes);

  for (const { name, source } of adaptersOf(decision)) {
    const mountPath = `${ADAPTERS_FOLDER}/${name}`;
    if (source.volumeSource !== undefined) {
      volumes.push({ name: adapterVolume(name), ...source.volumeSource });
      volumeMounts.push({ name: adapterVolume(name), mountPath, readOnly: true });
    } else if (source.image !== undefined && asVolumes) {
      volumes.push(imageVolume(adapterVolume(name), source.image));
      volumeMounts.push({
        name: adapterVolume(name),
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

/** Name of the volume of an adapter that is mounted. */
export function adapterVolume(adapter: string): string {
  return `adapter-${partName(adapter)}`;
}

/** Adapters may have names with dots and up to 253 characters; volumes and containers have DNS labels. */
function partName(adapter: string): string {
  return /^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/.test(adapter) ? adapter : shortHash(adapter);
}

function fetchStep(
  decision: Decision,
  name: string,
  image: string,
  secrets: readonly string[],
): { container: Container; credentials: Volume | null } {
  const credentials = credentialsVolume(`adapter-registry-${partName(name)}`, secrets);
  const { arch } = decision.placement.machine;
  return {
    credentials,
    container: transferStep(decision.cluster, {
      name: `fetch-${partName(name)}`,
      args: ['fetch', 'image', image, `--into=${ADAPTERS_FOLDER}/${name}`, `--architecture=${arch}`],
      volumeMounts: [{ name: ADAPTERS_VOLUME, mountPath: ADAPTERS_FOLDER }],
      logins: credentials,
    }),
  };
}
