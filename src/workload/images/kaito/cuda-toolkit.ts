import type { Container, EnvVar, Volume, VolumeMount } from 'kubernetes-types/core/v1';
import { GIB, binaryQuantity } from '../../quantity';
import { containerSecurityContext } from '../../security';
import { CUDA_FOLDER } from './paths';

const VOLUME = 'cuda-toolkit';
/** The toolkit's parts that JIT compilation needs, unpacked: estimated. */
const TOOLKIT_BYTES = 8 * GIB;

/** What models need that compile kernels at start. */
export interface CudaToolkit {
  readonly env: EnvVar;
  readonly initContainer: Container;
  readonly volume: Volume;
  readonly volumeMount: VolumeMount;
}

/**
 * The CUDA toolkit, brought by the image's own script. KAITO shares it between pods in a folder of the node; host
 * paths are forbidden by every Pod Security Standard but `privileged`, so each pod has its own copy.
 */
export function cudaToolkit(image: string): CudaToolkit {
  return {
    env: { name: 'CUDA_HOME', value: CUDA_FOLDER },
    initContainer: {
      name: 'cuda-toolkit-provisioner',
      image,
      command: ['/bin/sh', '-c', 'flock "$1" /workspace/cuda-provision.sh "$1"', 'sh', CUDA_FOLDER],
      resources: { requests: { cpu: '500m', memory: '1Gi' }, limits: { memory: '4Gi' } },
      securityContext: containerSecurityContext(false),
      volumeMounts: [{ name: VOLUME, mountPath: CUDA_FOLDER }],
    },
    volume: { name: VOLUME, emptyDir: { sizeLimit: binaryQuantity(TOOLKIT_BYTES) } },
    volumeMount: { name: VOLUME, mountPath: CUDA_FOLDER, readOnly: true },
  };
}
