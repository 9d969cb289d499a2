import fc from 'fast-check';
import { stageAdapterBytes, reservedRank } from '../../src/sizing/adapters';
import { captureSizes } from '../../src/sizing/estimates/cuda-graphs';
import type { EngineOptions } from '../../src/sizing/engine';
import { batchLimits, type BatchLimits } from '../../src/sizing/gpu-defaults';
import { tensorParallelProblem } from '../../src/sizing/parallel/tensor-parallel';
import { stageWeightBytes } from '../../src/sizing/weights';
import { model, models, qwen3With14B } from './models';

const shape = (tensorParallel: number, pipelineParallel: number) => ({
  tensorParallel,
  pipelineParallel,
  dataParallel: 1,
});

describe('the weights of a GPU', () => {
  it('are without the image encoder where nothing is encoded', () => {
    const [whole = 0] = stageWeightBytes(model('qwen3.6-27b'), shape(1, 1));
    const [texts = 0] = stageWeightBytes(model('qwen3.6-27b'), shape(1, 1), false);
    expect(whole - texts).toBeCloseTo(2 * 27 * (4 * 1152 ** 2 + 2 * 1152 * 4304), -6);
    expect(stageWeightBytes(model('phi-4'), shape(1, 1), false)).toEqual(
      stageWeightBytes(model('phi-4'), shape(1, 1)),
    );
  });

  it('are those of the checkpoint on one GPU', () => {
    for (const of of models.filter(({ quantization }) => quantization !== 'mxfp4')) {
      const [bytes = 0] = stageWeightBytes(of, shape(1, 1));
      expect(Math.abs(bytes - of.weightBytes)).toBeLessThanOrEqual(1);
    }
  });

  it('are more with MXFP4 experts, which are padded to whole tiles', () => {
    // What vLLM 0.32's model class creates, and what vLLM 0.19 said on an A100 ("Model loading took 13.72 GiB").
    const [bytes = 0] = stageWeightBytes(model('gpt-oss-20b'), shape(1, 1));
    expect(Math.abs(bytes - 14.68e9)).toBeLessThan(0.005 * 14.68e9);
    expect(Math.abs(bytes / 2 ** 30 - 13.72)).toBeLessThan(0.1);
    // 1,440 of 2,880 columns become 1,536.
    const [half = 0] = stageWeightBytes(model('gpt-oss-20b'), shape(2, 1));
    expect(half).toBeGreaterThan(bytes / 2);
  });

  it('are on all GPUs together at least those of the checkpoint, and a GPU holds no more than with fewer', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...models),
        fc.constantFrom(1, 2, 4),
        fc.constantFrom(1, 2, 4),
        (of, tp, pp) => {
          if (tensorParallelProblem(of.geometry, 2 * tp) !== null) return;
          const stages = stageWeightBytes(of, shape(tp, pp));
          const wider = stageWeightBytes(of, shape(2 * tp, pp));
          expect(stages).toHaveLength(pp);
          expect(tp * stages.reduce((sum, bytes) => sum + bytes, 0)).toBeGreaterThanOrEqual(
            of.weightBytes - 1,
          );
          for (const [stage, bytes] of wider.entries()) expect(bytes).toBeLessThanOrEqual(stages[stage] ?? 0);
        },
      ),
    );
  });

  it('have the embedding on the first stage and the output layer on the last', () => {
    const of = qwen3With14B();
    const table = 2 * 151936 * 5120;
    expect(stageWeightBytes(of, shape(1, 2))).toEqual([
      (of.weightBytes - 2 * table) / 2 + table,
      (of.weightBytes - 2 * table) / 2 + table,
    ]);
  });

  it('repeat a tied table on both ends of a pipeline', () => {
    const of = model('gemma-4-31b-it');
    const together = stageWeightBytes(of, shape(1, 2)).reduce((sum, bytes) => sum + bytes, 0);
    expect(together - of.weightBytes).toBeCloseTo(2 * 262144 * 5376, -1);
  });
});

describe('the slots of adapters', () => {
  it('take nothing where there are none', () => {
    expect(stageAdapterBytes(model('phi-4').geometry, undefined, shape(1, 2))).toEqual([0, 0]);
  });

  it.each([
    [1, 1],
    [9, 16],
    [16, 16],
    [300, 320],
  ])('of rank %i are reserved for rank %i', (rank, reserved) => {
    expect(reservedRank(rank)).toBe(reserved);
  });
});

describe("vLLM's defaults", () => {
  it.each([
    ['A10', 22, 2048, 256],
    ['A100 80GB', 79, 2048, 256],
    ['H100 80GB', 79, 8192, 1024],
    ['B200', 178, 16384, 1024],
  ])('on %s with %i GiB are batches of %i tokens and %i sequences', (name, memoryGib, tokens, sequences) => {
    expect(batchLimits({ memoryBytes: memoryGib * 2 ** 30, model: name })).toEqual({ tokens, sequences });
  });

  const captures = (
    limits: BatchLimits,
    engine: EngineOptions = {},
    { computeCapability = 9, architecture = 'Qwen3ForCausalLM' } = {},
  ): number[] => captureSizes({ limits, engine, computeCapability, architecture });
  const hopper = { tokens: 8192, sequences: 1024 };

  it('capture up to 1,024 on data-centre Blackwell, and of gpt-oss on any GPU', () => {
    expect(captures(hopper, {}, { computeCapability: 10 }).at(-1)).toBe(1024);
    expect(captures(hopper, {}, { computeCapability: 12 }).at(-1)).toBe(512);
    expect(captures(hopper, {}, { architecture: 'GptOssForCausalLM' }).at(-1)).toBe(1024);
  });

  it('capture what the options say, and no more than a batch has', () => {
    expect(captures(hopper, { captureSizes: [4, 1, 4, 9000] })).toEqual([1, 4]);
    expect(captures(hopper, { largestCapture: 8 })).toEqual([1, 2, 4, 8]);
    expect(captures({ tokens: 20, sequences: 256 })).toEqual([1, 2, 4, 8, 16, 20]);
    expect(captures({ tokens: 2048, sequences: 5 })).toEqual([1, 2, 4, 5, 8]);
  });

  it('capture small batches one by one for interactivity', () => {
    expect(captures(hopper, { fineCaptures: true }).slice(0, 35)).toEqual([
      ...Array.from({ length: 32 }, (_, index) => index + 1),
      ...[40, 48, 56],
    ]);
  });

  it('capture whole batches of sequences with their drafts', () => {
    const sizes = captures({ tokens: 2048, sequences: 4 }, { draftTokens: 2 });
    expect(sizes).toEqual([1, 2, 3, 4, 6, 8, 12, 16, 24]);
  });

  it('capture 51 batch sizes up to 512', () => {
    expect(captures({ tokens: 8192, sequences: 1024 })).toHaveLength(51);
    expect(captures({ tokens: 2048, sequences: 8 })).toEqual([1, 2, 4, 8, 16]);
  });
});
