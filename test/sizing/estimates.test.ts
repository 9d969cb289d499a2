import { activationPeakBytes } from '../../src/sizing/estimates/activations';
import { blockTableBytes, bufferBytes } from '../../src/sizing/estimates/buffers';
import { contextBytes, nonTorchBytes } from '../../src/sizing/estimates/non-torch';
import { size } from '../../src/sizing/size';
import { machine, model } from './models';

const MIB = 2 ** 20;
const limits = { tokens: 2048, sequences: 256 };

describe('buffers', () => {
  it("hold the sampler's counts on the last stage: 242.5 MiB for 256 sequences of Qwen3.5", () => {
    const { geometry } = model('qwen3.5-9b');
    const counts = bufferBytes(geometry, limits, 65_536, true) - bufferBytes(geometry, limits, 65_536, false);
    // The two marks of a token come to a sixteenth of its count.
    expect(counts / MIB / (1 + 2 / 32)).toBeCloseTo(242.5, 0);
  });

  it('of blocks are two tables for each group of layers', () => {
    expect(blockTableBytes([{ blockSize: 16 }, { blockSize: 784 }], 256, 131_072)).toBe(
      2 * 256 * 4 * (8192 + 168),
    );
  });
});

describe('the image encoder', () => {
  const { geometry } = model('qwen3.6-27b');
  const peak = (tokens: number, encoderParallel: number) =>
    activationPeakBytes(
      geometry,
      1,
      { tokens, sequences: 256 },
      { isFirst: true, isLast: false, encoderParallel },
    );

  it('is profiled with its largest image, however small the batch: 16,384 tokens of Qwen3.5', () => {
    expect(peak(2048, 1)).toBe(peak(16_384, 1));
    // Four patches for each token, 1,152 wide, with an MLP of 4,304.
    expect(peak(2048, 1)).toBe(2 * 4 * 16_384 * (8 * 1152 + 2 * 4304));
  });

  it('is divided over GPUs but for its stream, and takes nothing where texts only are served', () => {
    expect(peak(2048, 2)).toBeLessThan(peak(2048, 1));
    expect(peak(2048, 2)).toBeGreaterThan(peak(2048, 1) / 2);
    expect(peak(2048, 0)).toBeLessThan(peak(2048, 2));
  });
});

describe('memory outside PyTorch', () => {
  const shares = (tensorParallel: number, pipelineParallel: number) => ({ tensorParallel, pipelineParallel });

  it('is the least for one GPU, and more with tensor parallelism than between stages', () => {
    for (const bytes of [
      (tp: number, pp: number) => nonTorchBytes(shares(tp, pp), 'usual'),
      (tp: number, pp: number) => contextBytes(shares(tp, pp)),
    ]) {
      expect(bytes(1, 1)).toBeLessThan(bytes(1, 2));
      expect(bytes(1, 2)).toBeLessThan(bytes(2, 1));
      expect(bytes(2, 2)).toBe(bytes(2, 1));
    }
  });
});

test('block tables must fit outside the share of vLLM', () => {
  const [misfit] = size({
    model: model('gemma-4-31b-it'),
    machines: [machine('Standard_NC80adis_H100_v5')],
    runtime: 'vllm',
    gpuMemoryUtilization: 0.985,
  }).misfits;
  expect(misfit).toMatchObject({ code: 'utilization-too-high' });
  expect(misfit?.reason).toMatch(/for CUDA, NCCL and block tables, which need about [\d.]+ GiB more/);
});
