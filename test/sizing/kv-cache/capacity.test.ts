import fc from 'fast-check';
import type { ConfigInput } from '../../../src/sizing/kv-cache/config-input';
import { kvCacheFromConfig } from '../../../src/sizing/kv-cache/from-config';
import { requestBlocks } from '../../../src/sizing/kv-cache/request-blocks';

const anyLayer = fc.record({
  type: fc.constantFrom('full', 'sliding', 'chunked'),
  num_kv_heads: fc.constantFrom(1, 2, 4, 8),
  head_size: fc.constantFrom(64, 128),
  sliding_window: fc.constantFrom(128, 1024, 4096),
  attention_chunk_size: fc.constant(8192),
  count: fc.integer({ min: 1, max: 30 }),
});

const anyNetwork = fc.array(anyLayer, { minLength: 1, maxLength: 3 });
const anyBytes = fc.integer({ min: 2 ** 28, max: 2 ** 36 });

function fit(
  layers: ConfigInput['layers'],
  bytes: number,
  wish: number | 'auto',
): ReturnType<typeof kvCacheFromConfig> {
  return kvCacheFromConfig(
    { layers: layers ?? [], max_model_len: wish, ...(wish === 'auto' ? { auto: true } : {}) },
    'h100',
    bytes,
  );
}

describe('the capacity of a cache', () => {
  it('is no smaller with more bytes', () => {
    fc.assert(
      fc.property(anyNetwork, anyBytes, fc.integer({ min: 0, max: 2 ** 30 }), (layers, bytes, more) => {
        const less = fit(layers, bytes, 'auto');
        const larger = fit(layers, bytes + more, 'auto');
        if (!('groups' in less)) return;
        if (!('groups' in larger)) throw new Error('more bytes hold less');
        expect(larger.maxContext).toBeGreaterThanOrEqual(less.maxContext);
        expect(larger.blocks).toBeGreaterThanOrEqual(less.blocks);
      }),
    );
  });

  it('is found to the token: one token more does not fit', () => {
    fc.assert(
      fc.property(anyNetwork, anyBytes, (layers, bytes) => {
        const found = fit(layers, bytes, 'auto');
        if (!('groups' in found)) return;
        expect('groups' in fit(layers, bytes, found.maxContext)).toBe(true);
        if (found.maxContext < found.contextLimit) {
          expect('groups' in fit(layers, bytes, found.maxContext + 1)).toBe(false);
        }
      }),
    );
  });

  it('keeps one block free', () => {
    fc.assert(
      fc.property(anyNetwork, anyBytes, fc.integer({ min: 1, max: 131_072 }), (layers, bytes, length) => {
        const found = fit(layers, bytes, length);
        if (!('groups' in found)) return;
        const perRequest = found.groups.reduce((sum, { blocks }) => sum + blocks, 0);
        expect(perRequest + 1).toBeLessThanOrEqual(found.blocks);
        expect(found.bytesPerRequest).toEqual(found.bytesPerBlock.map((block) => block * perRequest));
      }),
    );
  });

  it('takes vLLM at its word for a number of blocks', () => {
    const layers = [{ type: 'full', num_kv_heads: 8, head_size: 128, count: 4 }];
    const found = kvCacheFromConfig(
      { layers, max_model_len: 1024, engine_args: { num_gpu_blocks_override: 100 } },
      'h100',
      0,
    );
    expect(found).toMatchObject({ blocks: 100, tokens: 1600 });
  });

  it('tells how long a request would fit where the one asked for does not', () => {
    const layers = [{ type: 'full', num_kv_heads: 8, head_size: 128, count: 4 }];
    const page = 16 * 8 * 256 * 2;
    const found = kvCacheFromConfig({ layers, max_model_len: 4096 }, 'h100', 4 * page * 101);
    expect(found).toMatchObject({
      stages: [{ blocks: 101, largestContext: 1600, neededBytes: 4 * page * 256 }],
    });
  });
});

describe('the blocks of a request', () => {
  const at = (length: number, inFlightTokens = 16384) => ({ length, inFlightTokens, contextParallel: 1 });
  const shape = { shape: '', blockSize: 16, pageBytes: 1 };

  it('grow with its length in full layers', () => {
    expect([1, 16, 17].map((length) => requestBlocks({ kind: 'full', ...shape }, at(length)))).toEqual([
      1, 1, 2,
    ]);
  });

  it('stop growing in sliding and chunked layers', () => {
    fc.assert(
      fc.property(fc.integer({ min: 20_000, max: 10 ** 7 }), (length) => {
        const sliding = { kind: 'sliding', window: 128, ...shape } as const;
        const chunked = { kind: 'chunked', chunk: 2048, ...shape } as const;
        expect(requestBlocks(sliding, at(length))).toBe(1033);
        expect(requestBlocks(chunked, at(length))).toBe(Math.ceil(Math.min(2048 + 16384, length) / 16));
      }),
    );
  });

  it('are divided among the GPUs that share a sequence', () => {
    expect(requestBlocks({ kind: 'mla', ...shape }, { ...at(1024), contextParallel: 4 })).toBe(16);
  });
});
