import type { EngineOptions } from '../engine';
import type { BatchLimits } from '../gpu-defaults';

const MIB = 2 ** 20;

/** Memory of one captured graph for each layer that it runs through. Logs of 30 to 60 layers give 0.1 to 0.25 MiB. */
const BYTES_PER_LAYER = 0.15 * MIB;

/** Largest batch that is captured where more sequences are allowed (vLLM 0.32, `VllmConfig._set_cudagraph_sizes`). */
const LARGEST_CAPTURE = 512;
/** The same on data-centre Blackwell, and for gpt-oss on every GPU (vLLM 0.32, model_executor/models/config.py). */
const LARGER_CAPTURE = 1024;
/** Up to here every size is captured in the mode `interactivity`. */
const FINE_CAPTURE = 32;

/** What decides which batches are captured. */
export interface CaptureQuestion {
  readonly limits: BatchLimits;
  readonly computeCapability: number;
  readonly architecture: string;
  readonly engine: EngineOptions;
}

/**
 * Memory of the CUDA graphs of one GPU, in bytes: two sets of batch sizes (piecewise and full), each graph in
 * proportion to the layers of the stage. An estimate: vLLM captures a few and extrapolates.
 */
export function cudaGraphBytes(layersOfStage: number, question: CaptureQuestion): number {
  const { engine, limits } = question;
  const mode = engine.eager === true ? 'NONE' : (engine.graphs ?? 'FULL_AND_PIECEWISE');
  if (mode === 'NONE') return 0;
  const sizes = captureSizes(question);
  const piecewise = mode.startsWith('FULL') && mode !== 'FULL_AND_PIECEWISE' ? 0 : sizes.length;
  const decoding = limits.sequences * (1 + (engine.draftTokens ?? 0));
  const full = mode === 'PIECEWISE' ? 0 : sizes.filter((size) => size <= decoding).length;
  return Math.ceil((piecewise + full) * layersOfStage * BYTES_PER_LAYER);
}

/** Batch sizes that vLLM 0.32 captures, in tokens, ascending. */
export function captureSizes({ limits, computeCapability, architecture, engine }: CaptureQuestion): number[] {
  const { tokens, sequences } = limits;
  const ascending = (sizes: readonly number[], most: number): number[] =>
    [...new Set(sizes)].filter((size) => size <= most).sort((a, b) => a - b);
  if (engine.captureSizes !== undefined) return ascending(engine.captureSizes, tokens);
  const perSequence = 1 + (engine.draftTokens ?? 0);
  const usual = Math.floor(computeCapability) === 10 ? LARGER_CAPTURE : LARGEST_CAPTURE;
  const given = engine.largestCapture ?? (architecture === 'GptOssForCausalLM' ? LARGER_CAPTURE : null);
  const wished = given ?? Math.min(2 * sequences * perSequence, usual);
  const largest = Math.min(wished, tokens);
  const sizes = [...steps(largest), tokens];
  if (engine.fineCaptures === true) sizes.push(...upTo(1, FINE_CAPTURE, 1));
  // Whole batches of decoding, where the default is taken.
  if (given === null) {
    const decoding = Math.min(sequences, usual);
    sizes.push(...[...steps(decoding), decoding].map((count) => count * perSequence));
  }
  return ascending(sizes, largest);
}

/** 1, 2, 4, then in steps of 8, from 256 on of 16. */
function steps(largest: number): number[] {
  return [1, 2, 4, ...upTo(8, Math.min(largest, 255), 8), ...upTo(256, largest, 16)];
}

function upTo(first: number, last: number, step: number): number[] {
  return Array.from(
    { length: Math.max(0, Math.floor((last - first) / step) + 1) },
    (_, i) => first + i * step,
  );
}
