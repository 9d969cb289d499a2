import { contextBytes, nonTorchBytes } from '../estimates/non-torch';
import type { LedgerLine } from '../placement';
import { stepMemory } from './activations';
import { baseWeights, dequantizedBytes } from './base-weights';
import { loraParameters } from './lora-parameters';
import type { TrainingRequest } from './request';

/** Bytes of a trained parameter: peft 0.21 trains in float32, trl 1.16 turns adapters of quantised weights into bfloat16. */
const TRAINED_BYTES = { plain: 4, quantized: 2 } as const;
/** Share of activations that the caching allocator wastes between blocks, with expandable segments: chosen. */
const FRAGMENTATION = 0.1;

/** What training takes of each GPU of a node with `gpus` GPUs, line by line; what is left is not among them. */
export function trainingUse(request: TrainingRequest, gpus: number): LedgerLine[] {
  // Gradients are exchanged among all of them.
  const shares = { tensorParallel: gpus, pipelineParallel: 1 };
  const { model, quantization, lora, sequenceLength, batchSize, gradientCheckpointing } = request;
  const { weights, constants } = baseWeights(model, quantization);
  const parameters = loraParameters(model.geometry, lora);
  const isQuantized = quantization !== 'none';
  const trained = isQuantized ? TRAINED_BYTES.quantized : TRAINED_BYTES.plain;
  const { kept, transient } = stepMemory(model.geometry, request);
  const dequantized = dequantizedBytes(model, quantization);
  const rows = `${batchSize} x ${sequenceLength} tokens`;
  return [
    {
      item: 'weights',
      bytes: weights,
      basis: 'exact',
      note: isQuantized
        ? `linear layers in ${quantization === '8bit' ? 8 : 4} bits (bitsandbytes), embeddings and output layer in ${model.dtype}`
        : `size of the checkpoint; each GPU holds all of it`,
    },
    ...line(constants, {
      item: 'quantisation constants',
      basis: 'exact',
      note:
        quantization === '4bit-double'
          ? 'one byte for each 64 weights, and four for each 256 of these (QLoRA, section 3)'
          : quantization === '4bit'
            ? 'four bytes for each 64 weights (QLoRA, section 3)'
            : 'four bytes for each output of a projection',
    }),
    {
      item: 'LoRA parameters',
      bytes: parameters * trained,
      basis: 'exact',
      note: `rank ${lora.rank} beside each tuned projection, ${isQuantized ? 'bfloat16' : 'float32'}`,
    },
    {
      item: 'gradients',
      bytes: parameters * trained,
      basis: 'exact',
      note: 'of the LoRA parameters, in their type',
    },
    {
      item: 'optimizer states',
      bytes: parameters * trained * request.optimizerStates,
      basis: 'exact',
      note: `${request.optimizerStates} numbers for each LoRA parameter, in its type`,
    },
    ...line(gpus > 1 ? parameters * trained : 0, {
      item: 'gradient buckets',
      basis: 'exact',
      note: 'the copy of all gradients that the processes exchange (DistributedDataParallel)',
    }),
    {
      item: 'activations',
      bytes: kept,
      basis: 'estimated',
      note: `kept for the backward pass of ${rows}: ${gradientCheckpointing ? 'the input of each layer' : 'everything'}`,
    },
    {
      item: 'largest step',
      bytes: transient,
      basis: 'estimated',
      note: "one layer's backward pass, the loss or an evaluation step, whichever takes most",
    },
    ...line(dequantized, {
      item: 'dequantised weight',
      basis: 'estimated',
      note: 'the largest projection in bfloat16 while it is multiplied',
    }),
    {
      item: 'fragmentation',
      bytes: Math.ceil(FRAGMENTATION * (kept + transient)),
      basis: 'estimated',
      note: "a tenth of the activations, for the allocator's gaps",
    },
    {
      item: 'non-torch',
      bytes: contextBytes(shares) + nonTorchBytes(shares, 'usual'),
      basis: 'estimated',
      note: `CUDA's context and kernels${gpus > 1 ? ', NCCL' : ''}: the middle of what is seen`,
    },
  ];
}

/** A line that is there only where it has bytes. */
function line(bytes: number, rest: Omit<LedgerLine, 'bytes'>): LedgerLine[] {
  return bytes === 0 ? [] : [{ ...rest, bytes }];
}
