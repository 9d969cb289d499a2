import fc from 'fast-check';
import { limitsWith, type EngineOptions } from '../../src/sizing/engine';
import type { Placement } from '../../src/sizing/placement';
import { size } from '../../src/sizing/size';
import { machine, model } from './models';

const HOPPER = { tokens: 8192, sequences: 1024 };

function place(engine: EngineOptions, name = 'qwen2.5-coder-7b-instruct'): Placement {
  const { placements } = size({
    model: model(name),
    machines: [machine('Standard_NC40ads_H100_v5')],
    runtime: 'vllm',
    engine,
  });
  const [placement] = placements;
  if (!placement) throw new Error('it does not fit');
  return placement;
}

function bytesOf({ ledger }: Placement, item: string): number {
  return ledger.find((line) => line.item === item)?.bytes ?? 0;
}

describe('the limits of a batch', () => {
  it("are the GPU's defaults, which throughput doubles", () => {
    expect(limitsWith(HOPPER, {}, 131072)).toEqual(HOPPER);
    expect(limitsWith(HOPPER, { doubledBatches: true }, 131072)).toEqual({ tokens: 16384, sequences: 2048 });
  });

  it('are what the options say, which throughput leaves alone', () => {
    const options = { maxBatchedTokens: 4096, maxSequences: 16, doubledBatches: true };
    expect(limitsWith(HOPPER, options, 131072)).toEqual({ tokens: 4096, sequences: 16 });
    expect(limitsWith(HOPPER, { maxBatchedTokens: 512 }, 131072)).toEqual({ tokens: 512, sequences: 512 });
  });

  it('hold a whole request without chunked prefill, and no more than all sequences have', () => {
    expect(limitsWith(HOPPER, { chunkedPrefill: false }, 131072).tokens).toBe(131072);
    expect(limitsWith(HOPPER, { maxSequences: 2 }, 1024).tokens).toBe(2048);
  });

  it('are positive whole numbers', () => {
    const count = fc.integer({ min: 1, max: 1e6 });
    const option = fc.option(count, { nil: undefined });
    fc.assert(
      fc.property(option, option, fc.boolean(), count, (tokens, sequences, doubledBatches, context) => {
        const limits = limitsWith(
          HOPPER,
          {
            doubledBatches,
            ...(tokens === undefined ? {} : { maxBatchedTokens: tokens }),
            ...(sequences === undefined ? {} : { maxSequences: sequences }),
          },
          context,
        );
        for (const limit of Object.values(limits))
          expect(Number.isSafeInteger(limit) && limit > 0).toBe(true);
      }),
    );
  });
});

describe('options of the engine', () => {
  const usual = place({});

  it('that make batches larger leave less for the cache', () => {
    const doubled = place({ doubledBatches: true });
    expect(bytesOf(doubled, 'activations')).toBeGreaterThan(bytesOf(usual, 'activations'));
    expect(doubled.kvTokens).toBeLessThan(usual.kvTokens);
    expect(place({ maxSequences: 8, maxBatchedTokens: 2048 }).kvTokens).toBeGreaterThan(usual.kvTokens);
  });

  it('that go without CUDA graphs, or with few, need no memory for them', () => {
    expect(bytesOf(place({ eager: true }), 'CUDA graphs')).toBe(0);
    expect(bytesOf(place({ largestCapture: 8 }), 'CUDA graphs')).toBeLessThan(
      bytesOf(usual, 'CUDA graphs') / 5,
    );
  });

  it('that halve the type of the cache double its tokens', () => {
    expect(place({ cacheDtype: 'fp8' }).kvTokens / usual.kvTokens).toBeCloseTo(2, 2);
  });

  it('that give sliding layers the blocks of full ones leave fewer tokens', () => {
    const gemma = (engine: EngineOptions): number => place(engine, 'gemma-3-4b-it').kvTokens;
    expect(gemma({ hybridManager: false })).toBeLessThan(gemma({}) / 2);
  });

  it('that encode no images leave out the encoder', () => {
    const gemma = (engine: EngineOptions): number => bytesOf(place(engine, 'gemma-3-4b-it'), 'activations');
    expect(gemma({ textOnly: true })).toBeLessThanOrEqual(gemma({}));
  });
});
