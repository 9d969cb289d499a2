import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Findings } from '../../../src/catalog/derive/findings';
import { folderSource } from '../../../src/catalog/derive/folder-source';
import { measureWeights, type Weights } from '../../../src/catalog/derive/weights';
import { ModelFolder, safetensors } from './model-folder';

const INDEX = 'model.safetensors.index.json';

let folder: ModelFolder;
beforeEach(() => {
  folder = new ModelFolder();
});
afterEach(() => {
  folder.remove();
});

async function measure(): Promise<[Weights, Findings]> {
  const findings = new Findings();
  return [await measureWeights(folderSource(folder.path), 2, findings), findings];
}

describe('the weights of a model', () => {
  test('in one file are counted tensor by tensor', async () => {
    folder.write(
      'model.safetensors',
      safetensors({ 'model.embed_tokens.weight': 2000, 'lm_head.weight': 600 }),
    );
    const [weights] = await measure();
    expect(weights).toMatchObject({
      weightBytes: 2600,
      loadFormat: 'auto',
      hasOutputLayer: true,
      hasDraftLayers: false,
      provenance: { confidence: 'measured' },
    });
    expect(weights.downloadBytes).toBeGreaterThan(2600);
  });

  test('leave out draft layers: a module mtp, and layers behind the last', async () => {
    folder
      .write('a.safetensors', safetensors({ 'model.layers.1.mlp.weight': 100, 'mtp.layers.0.weight': 7000 }))
      .write('b.safetensors', safetensors({ 'model.layers.2.mlp.weight': 5000 }))
      .write(INDEX, {
        metadata: { total_size: 12100 },
        weight_map: {
          'model.layers.1.mlp.weight': 'a.safetensors',
          'mtp.layers.0.weight': 'a.safetensors',
          'model.layers.2.mlp.weight': 'b.safetensors',
        },
      });
    const [weights, findings] = await measure();
    expect(weights).toMatchObject({ weightBytes: 100, hasDraftLayers: true, hasOutputLayer: false });
    expect(weights.downloadBytes).toBeGreaterThan(12100);
    expect(findings.assumptions).toEqual([]);
  });

  test('are those of the index where the files are not there, and draft layers are counted and named', async () => {
    folder.write(INDEX, {
      metadata: { total_size: 12100 },
      weight_map: { 'mtp.fc.weight': 'a.safetensors' },
    });
    const [weights, findings] = await measure();
    expect(weights).toMatchObject({ weightBytes: 12100, downloadBytes: 12100, hasDraftLayers: true });
    expect(findings.assumptions).toEqual([expect.stringContaining('draft layers are counted')]);
  });

  test('are read from the pointers that Git LFS leaves', async () => {
    const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 4965799096\n';
    folder.write('model.safetensors', pointer);
    expect((await measure())[0]).toMatchObject({ weightBytes: 4965799096, hasOutputLayer: undefined });
  });

  test('are not those of a link that leads nowhere', async () => {
    symlinkSync(join(folder.path, 'gone'), join(folder.path, 'model.safetensors'));
    const [, findings] = await measure();
    expect(findings.isComplete).toBe(false);
  });

  test("are Mistral's own where both formats are there, and all of them are downloaded", async () => {
    folder
      .write('consolidated.safetensors', safetensors({ 'output.weight': 400 }))
      .write('model.safetensors', safetensors({ 'lm_head.weight': 400 }))
      .write('original/model.safetensors', safetensors({ 'lm_head.weight': 4000 }));
    const [weights] = await measure();
    expect(weights).toMatchObject({ weightBytes: 400, loadFormat: 'mistral', hasOutputLayer: true });
    expect(weights.downloadBytes).toBeGreaterThan(4800);
  });

  test('may be pickled', async () => {
    folder.write('pytorch_model-00001-of-00001.bin', Buffer.alloc(1000));
    expect((await measure())[0]).toMatchObject({ weightBytes: 1000, downloadBytes: 1000 });
  });

  test('are as many GiB for KAITO as two decimals say, rounded up to a byte', async () => {
    folder.write(
      'model.safetensors',
      `version https://git-lfs\noid sha256:00\nsize ${Math.round(27.3149 * 2 ** 30)}\n`,
    );
    expect((await measure())[0].kaitoWeightBytes).toBe(Math.ceil((2731 * 2 ** 30) / 100));
  });

  test.each([
    ['there are none', {}],
    ['the index is not JSON', { [INDEX]: 'x' }],
    ['the index has no map', { [INDEX]: '{}' }],
    ['only an adapter is there', { 'adapter_model.safetensors': 'x' }],
  ])('are missing when %s', async (_what, files) => {
    for (const [file, text] of Object.entries(files)) folder.write(file, text);
    const [, findings] = await measure();
    expect(findings.isComplete).toBe(false);
  });
});
