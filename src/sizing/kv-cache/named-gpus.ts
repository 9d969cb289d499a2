const GIB = 2 ** 30;

/** Facts of a GPU that vLLM's defaults hang on. */
export interface NamedGpu {
  readonly computeCapability: number;
  /** As the driver reports it, rounded. */
  readonly memoryBytes: number;
}

/** GPUs by their short names: compute capability, and memory in GiB. */
const GPUS: Readonly<Record<string, readonly [number, number]>> = {
  a10: [8.6, 22],
  a10g: [8.6, 22],
  a100: [8, 79],
  l4: [8.9, 22],
  l40s: [8.9, 44],
  h100: [9, 79],
  h200: [9, 139],
  gh200: [9, 94],
  b200: [10, 178],
  gb200: [10, 184],
  b300: [10.3, 268],
  rtxpro6000: [12, 95],
};

/** The short names of the GPUs that are known. */
export const GPU_NAMES: readonly string[] = Object.keys(GPUS);

/** The GPU whose name `gpu` begins with, as in `a100-80gb`; the longest of them. */
export function gpuNamed(gpu: string): NamedGpu | undefined {
  const name = gpu.toLowerCase().replace(/[^a-z0-9]/g, '');
  const [longest] = GPU_NAMES.filter((known) => name.startsWith(known)).sort((a, b) => b.length - a.length);
  const facts = longest === undefined ? undefined : GPUS[longest];
  return facts && { computeCapability: facts[0], memoryBytes: facts[1] * GIB };
}
