import type { EnvVar, Volume, VolumeMount } from 'kubernetes-types/core/v1';
import { GIB, binaryQuantity } from './quantity';
import type { ImageUser } from './security';

/** Home folder: compiled kernels and caches of vLLM, Triton and PyTorch, up to a few GB each; estimated. */
const HOME_BYTES = 10 * GIB;
/** `/tmp`: sockets, unpacked archives; chosen. */
const TMP_BYTES = 5 * GIB;

/** What the writable folders take of the node's disk at most. */
export const SCRATCH_BYTES = HOME_BYTES + TMP_BYTES;

/** Writable folders of a container whose root file system is read-only, and the variables that point programs to them. */
export interface Scratch {
  readonly env: readonly EnvVar[];
  readonly volumes: readonly Volume[];
  readonly volumeMounts: readonly VolumeMount[];
}

/** Scratch folders of a container that runs as `user`; on a writable root file system `/tmp` alone. */
export function scratchOf(user: ImageUser, readOnlyRootFilesystem: boolean): Scratch {
  const tmp: Volume = { name: 'tmp', emptyDir: { sizeLimit: binaryQuantity(TMP_BYTES) } };
  const tmpMount: VolumeMount = { name: 'tmp', mountPath: '/tmp' };
  if (!readOnlyRootFilesystem) return { env: [], volumes: [tmp], volumeMounts: [tmpMount] };

  const cache = `${user.home}/.cache`;
  const folders: Record<string, string> = {
    HOME: user.home,
    // PyTorch names its cache after the account and fails for a uid that /etc/passwd does not know.
    USER: user.name,
    LOGNAME: user.name,
    XDG_CACHE_HOME: cache,
    XDG_CONFIG_HOME: `${user.home}/.config`,
    VLLM_CACHE_ROOT: `${cache}/vllm`,
    TORCHINDUCTOR_CACHE_DIR: `${cache}/torchinductor`,
    TRITON_CACHE_DIR: `${cache}/triton`,
    FLASHINFER_WORKSPACE_BASE: user.home,
    NUMBA_CACHE_DIR: `${cache}/numba`,
    MPLCONFIGDIR: `${cache}/matplotlib`,
  };
  return {
    env: Object.entries(folders).map(([name, value]) => ({ name, value })),
    volumes: [{ name: 'home', emptyDir: { sizeLimit: binaryQuantity(HOME_BYTES) } }, tmp],
    volumeMounts: [{ name: 'home', mountPath: user.home }, tmpMount],
  };
}
