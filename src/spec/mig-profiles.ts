/**
 * MIG profiles by the memory of the GPU that has them, in GiB as its name says: those that KAITO v0.12.0 knows
 * (`pkg/sku`), which are the GPU instances of NVIDIA's A30, A100, H100, GH200, H200 and B200 (NVIDIA MIG user guide).
 */
const BY_GPU_GIB: ReadonlyMap<number, readonly string[]> = new Map([
  [24, ['1g.6gb', '2g.12gb', '4g.24gb']],
  [40, ['1g.5gb', '1g.10gb', '2g.10gb', '3g.20gb', '4g.20gb', '7g.40gb']],
  [80, ['1g.10gb', '1g.20gb', '2g.20gb', '3g.40gb', '4g.40gb', '7g.80gb']],
  [94, ['1g.12gb', '1g.24gb', '2g.24gb', '3g.47gb', '4g.47gb', '7g.94gb']],
  [96, ['1g.12gb', '1g.24gb', '2g.24gb', '3g.48gb', '4g.48gb', '7g.96gb']],
  [141, ['1g.18gb', '1g.35gb', '2g.35gb', '3g.71gb', '4g.71gb', '7g.141gb']],
  [180, ['1g.23gb', '1g.45gb', '2g.45gb', '3g.90gb', '4g.90gb', '7g.180gb']],
]);

/** A driver reports up to this share less than the name of its GPU says: an A100 of 80 GB has 79.2 GiB. */
const TOLERANCE = 0.02;

/** All profiles, those with less compute first. */
export const MIG_PROFILES: readonly string[] = [...new Set([...BY_GPU_GIB.values()].flat())].sort(
  (a, b) => sliceOf(a) - sliceOf(b) || memoryGiBOf(a) - memoryGiBOf(b),
);

/** Profiles that a GPU of that memory can be cut into; null for memory that no known GPU has. */
export function migProfilesOf(gpuGiB: number): readonly string[] | null {
  for (const [nominal, profiles] of BY_GPU_GIB) {
    if (gpuGiB <= nominal * 1.001 && gpuGiB >= nominal * (1 - TOLERANCE)) return profiles;
  }
  return null;
}

/** GiB of a slice as its profile says: 10 for `1g.10gb`. */
export function memoryGiBOf(profile: string): number {
  return Number(/\.(\d+)gb$/.exec(profile)?.[1] ?? 0);
}

function sliceOf(profile: string): number {
  return Number(/^(\d+)g/.exec(profile)?.[1] ?? 0);
}
