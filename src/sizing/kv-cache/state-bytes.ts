import type { LinearLayer } from '../../catalog/model';

/** Bytes per element. */
const DTYPE_BYTES: Readonly<Record<LinearLayer['stateDtype'], number>> = {
  float32: 4,
  bfloat16: 2,
  float16: 2,
};

/**
 * Bytes of one sequence's state in one layer on one GPU: the convolution's tail and the recurrent state
 * (vLLM 0.32, mamba_utils.py). Drafted tokens lengthen the tail.
 */
export function stateBytes(
  layer: LinearLayer,
  tensorParallel: number,
  draftTokens: number,
  elementBytes: number,
): number {
  const tail = layer.convKernel - 1 + draftTokens;
  const stateElement = DTYPE_BYTES[layer.stateDtype];
  switch (layer.type) {
    case 'GatedDeltaNet': {
      const { keyHeads = 0, keyHeadDim = 0, valueHeads = 0, valueHeadDim = 0 } = layer;
      const channels = 2 * keyHeads * keyHeadDim + valueHeads * valueHeadDim;
      return perGpu(
        tail * channels * elementBytes + valueHeads * valueHeadDim * keyHeadDim * stateElement,
        tensorParallel,
      );
    }
    case 'KDA': {
      const { heads = 0, headDim = 0 } = layer;
      return perGpu(
        tail * 3 * heads * headDim * elementBytes + heads * headDim * headDim * stateElement,
        tensorParallel,
      );
    }
    case 'Mamba2': {
      const { heads = 0, headDim = 0, stateSize = 0, groups = 1 } = layer;
      // Groups that do not divide among the GPUs are repeated until each has one.
      const spreadGroups = groups % tensorParallel === 0 ? groups : tensorParallel;
      const channels = heads * headDim + 2 * spreadGroups * stateSize;
      return perGpu(
        tail * channels * elementBytes + heads * headDim * stateSize * stateElement,
        tensorParallel,
      );
    }
    case 'ShortConv':
      return perGpu(tail * (layer.channels ?? 0) * elementBytes, tensorParallel);
    case 'Lightning': {
      const { heads = 0, headDim = 0 } = layer;
      return perGpu(heads * headDim * headDim * stateElement, tensorParallel);
    }
    case 'Mamba1': {
      const { channels = 0, stateSize = 0 } = layer;
      return perGpu(
        (layer.convKernel - 1) * channels * elementBytes + channels * stateSize * stateElement,
        tensorParallel,
      );
    }
  }
}

/** Every factor above is a multiple of the GPUs where tensor parallelism is legal; elsewhere the size is an upper bound. */
function perGpu(bytes: number, tensorParallel: number): number {
  return Math.ceil(bytes / tensorParallel);
}
