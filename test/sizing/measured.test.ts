import type { Model } from '../../src/catalog/model';
import { size } from '../../src/sizing/size';
import type { SizingRequest } from '../../src/sizing/placement';
import { machine, model, qwen3With14B } from './models';

/** Measured by vLLM on hardware with `--max-model-len=auto` (KAITO pull request 2156, June 2026). */
const MEASURED: readonly {
  readonly model: Model;
  readonly on: string;
  readonly wishes?: Partial<SizingRequest>;
  readonly parallel: readonly [number, number];
  readonly kvTokens?: number;
  readonly maxContext: number;
}[] = [
  {
    model: model('gemma-4-31b-it'),
    on: 'Standard_NC80adis_H100_v5',
    parallel: [2, 1],
    kvTokens: 764_825,
    maxContext: 262_144,
  },
  {
    model: qwen3With14B(),
    on: 'Standard_NV36ads_A10_v5',
    wishes: { nodes: 2 },
    parallel: [1, 2],
    kvTokens: 55_952,
    maxContext: 40_960,
  },
  {
    model: model('mistral-small-4-119b-2603'),
    on: 'Standard_NC80adis_H100_v5',
    parallel: [2, 1],
    maxContext: 810_208,
  },
];

describe('what vLLM measured on hardware', () => {
  it.each(MEASURED.map((point) => [point.model.name, point] as const))(
    'is met within 10 % for %s',
    (_name, point) => {
      const { placements } = size({
        model: point.model,
        machines: [machine(point.on)],
        runtime: 'vllm',
        ...point.wishes,
      });
      const [placement] = placements;
      expect([placement?.tensorParallel, placement?.pipelineParallel]).toEqual(point.parallel);
      expect(error(placement?.maxContext, point.maxContext)).toBeLessThan(0.1);
      if (point.kvTokens !== undefined) expect(error(placement?.kvTokens, point.kvTokens)).toBeLessThan(0.1);
    },
  );
});

describe('what vLLM 0.19 measured on an A100, which did not subtract CUDA graphs', () => {
  it.each([
    ['gpt-oss-20b', 0.65, 13.72, 36.56],
    ['gemma-4-26b-a4b-it', 0.9, 48.5, 21.5],
  ])('is met within 10 %% for %s', (name, gpuMemoryUtilization, weights, cache) => {
    const { placements } = size({
      model: model(name),
      machines: [machine('Standard_NC24ads_A100_v4')],
      runtime: 'vllm',
      contextLength: 131_072,
      gpuMemoryUtilization,
      engine: { eager: true },
    });
    const gib = (item: string): number =>
      (placements[0]?.ledger.find((line) => line.item === item)?.bytes ?? 0) / 2 ** 30;
    expect(error(gib('weights'), weights)).toBeLessThan(0.02);
    expect(error(gib('KV cache'), cache)).toBeLessThan(0.1);
  });
});

function error(ours: number | undefined, measured: number): number {
  return Math.abs((ours ?? 0) - measured) / measured;
}
