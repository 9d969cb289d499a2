import type { MachineType } from '../catalog/machine';
import type { Model } from '../catalog/model';

const GIB = 2 ** 30;

/** Tokens of context that KAITO makes room for when the user names none. */
export const KAITO_CONTEXT = 2048;

/** KAITO's `--gpu-memory-utilization`, and the one it passes on A10 GPUs. */
export const KAITO_UTILIZATION = { usual: 0.84, a10: 0.82 } as const;

/** Room beside the weights for the code that loads them. */
const MODEL_MARGIN = 1.02;
/** Bytes of one GPU that KAITO keeps for everything but weights and cache. */
const RESERVE = 2.3 * GIB;
/** Share of the rest that KAITO keeps free. */
const USABLE_DIVISOR = 1.05;

/** What KAITO v0.12's estimator reads. */
export interface KaitoInput {
  readonly weightBytes: number;
  readonly bytesPerToken: number;
  readonly gpusPerNode: number;
  /** Memory of all GPUs of a node as KAITO's table has it, in bytes. */
  readonly nodeGpuBytes: number;
  /** Tokens; {@link KAITO_CONTEXT} without a wish. */
  readonly contextLength: number;
}

/**
 * KAITO v0.12's node count.
 *
 * @param options - `exactFit`: count GPUs that fit exactly as enough, where KAITO counts one more
 * @returns the nodes; null where KAITO says that the GPUs are too small
 */
export function kaitoNodeCount(
  input: KaitoInput,
  options: { readonly exactFit?: boolean } = {},
): number | null {
  const { gpusPerNode, nodeGpuBytes } = input;
  const available = Math.floor(nodeGpuBytes / gpusPerNode) * KAITO_UTILIZATION.usual;
  const reserve = RESERVE + (input.contextLength * input.bytesPerToken) / gpusPerNode;
  if (available <= reserve) return null;
  const usable = (available - reserve) / USABLE_DIVISOR;
  const gpus = (input.weightBytes * MODEL_MARGIN) / usable;
  const minimum = options.exactFit === true ? Math.ceil(gpus) : Math.floor(gpus) + 1;
  return Math.ceil(minimum / gpusPerNode);
}

/** KAITO v0.12 runs as many copies on a node as it has GPUs when twice their weights are less than its memory. */
export function kaitoRunsCopies(
  input: Pick<KaitoInput, 'weightBytes' | 'gpusPerNode' | 'nodeGpuBytes'>,
): boolean {
  return input.gpusPerNode > 1 && input.weightBytes * input.gpusPerNode * 2 < input.nodeGpuBytes;
}

/**
 * The estimator's input for a model on a machine; models that KAITO does not know get its formula from their geometry.
 * Where KAITO's weight figure holds the checkpoint more than once (gpt-oss: the repository has it twice), it counts once.
 */
export function kaitoInput(
  model: Model,
  gpu: { readonly count: number; readonly nominalBytes: number },
  contextLength: number,
): KaitoInput {
  return {
    weightBytes: kaitoWeightBytes(model),
    bytesPerToken: model.kaitoBytesPerToken ?? everyLayerBytesPerToken(model),
    gpusPerNode: gpu.count,
    nodeGpuBytes: gpu.nominalBytes * gpu.count,
    contextLength,
  };
}

function kaitoWeightBytes({ kaitoWeightBytes: bytes, weightBytes }: Model): number {
  if (bytes === null) return weightBytes;
  const checkpoints = Math.max(1, Math.round(bytes / weightBytes));
  return Math.floor(bytes / checkpoints);
}

/** The utilization that KAITO passes to vLLM on this GPU. The vGPU of Azure's NVads sizes is the same A10. */
export function kaitoUtilization(gpu: MachineType['gpu']): number {
  return isA10(gpu) ? KAITO_UTILIZATION.a10 : KAITO_UTILIZATION.usual;
}

/** True for NVIDIA's A10, not for the A10G of AWS. */
export function isA10(gpu: MachineType['gpu']): boolean {
  return /^(NVIDIA )?A10( vGPU)?$/i.test(gpu.model);
}

/** Every layer counted as if it kept keys and values of one kind, in 16 bits. */
function everyLayerBytesPerToken({ geometry }: Model): number {
  const layers = geometry.layers.reduce(
    (sum, block) => sum + block.repeat * block.layers.reduce((run, { count }) => run + count, 0),
    0,
  );
  const layer = geometry.full ?? geometry.sliding ?? geometry.chunked;
  const elements = geometry.mla
    ? geometry.mla.kvLoraRank + geometry.mla.qkRopeHeadDim
    : layer
      ? 2 * layer.kvHeads * layer.headDim
      : (geometry.compressed?.latentDim ?? 0) * 2;
  return layers * elements * 2;
}
