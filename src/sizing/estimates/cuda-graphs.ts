const MIB = 2 ** 20;

/** Memory of one captured graph for each layer that it runs through. Logs of 30 to 60 layers give 0.1 to 0.25 MiB. */
const BYTES_PER_LAYER = 0.15 * MIB;

/** Largest batch that is captured where more sequences are allowed. */
const LARGEST_CAPTURE = 512;

/**
 * Memory of the CUDA graphs of one GPU, in bytes: two sets of batch sizes (piecewise and full), each graph in
 * proportion to the layers of the stage. An estimate: vLLM captures a few and extrapolates.
 */
export function cudaGraphBytes(
  layersOfStage: number,
  maxSequences: number,
  largestCapture: number = Math.min(2 * maxSequences, LARGEST_CAPTURE),
): number {
  const piecewise = captureSizes(largestCapture).length;
  const full = captureSizes(Math.min(maxSequences, largestCapture)).length;
  return Math.ceil((piecewise + full) * layersOfStage * BYTES_PER_LAYER);
}

/** Batch sizes that vLLM 0.32 captures up to `largest`: 1, 2, 4, then in steps of 8, from 256 on of 16. */
export function captureSizes(largest: number): number[] {
  const sizes = [1, 2, 4];
  for (let size = 8; size < 256; size += 8) sizes.push(size);
  for (let size = 256; size <= largest; size += 16) sizes.push(size);
  return sizes.filter((size) => size <= largest);
}
