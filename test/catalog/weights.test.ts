import { loadCatalog } from '../../src/catalog/catalog';
import { expandLayers } from '../../src/catalog/layers';
import type { Model } from '../../src/catalog/model';
import { countWeightBytes } from './weight-count';

const current = loadCatalog()
  .models()
  .filter((model): model is Model => model.status === 'current');

/** Models whose weights the geometry does not give, and why. */
const UNCOUNTED: Readonly<Record<string, string>> = {
  'gemma-4-e2b-it': 'an audio encoder, and MLPs of double width in the layers that share a cache',
  'gemma-4-e4b-it': 'an audio encoder, and a table of embeddings for each layer',
  'nvidia-nemotron-3-ultra-550b-a55b-nvfp4': 'the precision of its parts is not known',
};

describe('the weights of the catalogue', () => {
  test.each(current.filter((model) => !(model.name in UNCOUNTED)).map((model) => [model.name, model]))(
    '%s has the weight bytes that its geometry gives, within 2 %%',
    (_name, model) => {
      const off = countWeightBytes(model) / model.weightBytes - 1;
      expect(Math.abs(off)).toBeLessThan(0.02);
    },
  );

  test('only the models named here are left uncounted', () => {
    expect(Object.keys(UNCOUNTED).every((name) => current.some((model) => model.name === name))).toBe(true);
  });

  test('gpt-oss loads half of what a whole download brings', () => {
    for (const name of ['gpt-oss-20b', 'gpt-oss-120b']) {
      const model = current.find((each) => each.name === name);
      expect(Math.ceil((model?.downloadBytes ?? 0) / 2)).toBe(model?.weightBytes);
    }
  });

  test.each([
    ['qwen3.6-27b', 0.79],
    ['qwen3.6-35b-a3b', 1.57],
    ['qwen3.5-122b-a10b', 4.7],
    ['nvidia-nemotron-3-super-120b-a12b-bf16', 5.48],
    ['deepseek-r1-0528', 14.36],
    ['deepseek-v4-flash-0731', 10.03],
    ['minimax-m2.7', 0],
  ])('the draft layers of %s (%d GiB) are downloaded, but not loaded', (name, gib) => {
    const model = current.find((each) => each.name === name);
    expect(((model?.downloadBytes ?? 0) - (model?.weightBytes ?? 0)) / 2 ** 30).toBeCloseTo(gib, 1);
  });
});

describe('the layers of the catalogue', () => {
  // Layers that hold a cache, of all: facts of the models' configurations.
  test.each([
    ['qwen3.6-27b', 64, 16, 'full'],
    ['gemma-3-27b-it', 62, 10, 'full'],
    ['gemma-4-31b-it', 60, 10, 'full'],
    ['gpt-oss-120b', 36, 18, 'sliding'],
    ['nvidia-nemotron-3-super-120b-a12b-bf16', 88, 8, 'full'],
    ['nvidia-nemotron-nano-9b-v2', 56, 4, 'full'],
    ['deepseek-v4-flash-0731', 43, 21, 'csa'],
    ['deepseek-v4-pro', 61, 31, 'hca'],
    ['phi-3-mini-4k-instruct', 32, 32, 'sliding'],
    ['kimi-k2.6', 61, 61, 'mla'],
  ])('%s has %d layers, %d of them %s', (name, all, some, kind) => {
    const model = current.find((each) => each.name === name);
    const kinds = expandLayers(model?.geometry.layers ?? []);
    expect(kinds).toHaveLength(all);
    expect(kinds.filter((each) => each === kind)).toHaveLength(some);
  });

  test('gemma-3-4b-it ends on sliding layers: 5 sliding and 1 full, five times, then 4 sliding', () => {
    const model = current.find((each) => each.name === 'gemma-3-4b-it');
    const full = expandLayers(model?.geometry.layers ?? []).flatMap((kind, index) =>
      kind === 'full' ? [index] : [],
    );
    expect(full).toEqual([5, 11, 17, 23, 29]);
  });

  test('the indexers of glm-5.2-fp8 are at layers 0, 1, 2, 6, 10 and so on, 21 in all', () => {
    const indexer = current.find((each) => each.name === 'glm-5.2-fp8')?.geometry.mla?.indexer;
    const { frequency = 1, offset = 1 } = indexer ?? {};
    const layers = Array.from({ length: 78 }, (_, index) => index).filter(
      (index) => Math.max(index - offset + 1, 0) % frequency === 0,
    );
    expect(layers.slice(0, 5)).toEqual([0, 1, 2, 6, 10]);
    expect(layers).toHaveLength(indexer?.layers ?? 0);
  });

  test.each(current.map((model) => [model.name, model]))(
    '%s describes every kind of layer that it has, and no other',
    (_name, { geometry }) => {
      const kinds = new Set<string>(expandLayers(geometry.layers));
      for (const kind of ['full', 'sliding', 'chunked', 'mla', 'linear'] as const) {
        expect([kind, geometry[kind] !== undefined]).toEqual([kind, kinds.has(kind)]);
      }
      expect(geometry.compressed !== undefined).toBe(
        ['csa', 'hca', 'window'].some((kind) => kinds.has(kind)),
      );
    },
  );

  test.each(
    current
      .filter((model) => model.geometry.mla === undefined && model.kaitoBytesPerToken !== null)
      .map((model) => [model.name, model]),
  )('%s: counting every layer as KAITO does gives its bytes per token', (_name, model) => {
    const layer = model.geometry.sliding ?? model.geometry.full;
    // KAITO reads one KV geometry per model; of DeepSeek-V4 it reads the latent as one head.
    const kvHeads = layer?.kvHeads ?? 1;
    const headDim = layer?.headDim ?? model.geometry.compressed?.latentDim ?? 0;
    const counted = expandLayers(model.geometry.layers).length * 2 * kvHeads * headDim * 2;
    expect(model.kaitoBytesPerToken).toBe(counted);
  });
});
