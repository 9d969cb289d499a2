import { mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { derivePreset } from '../../../src/catalog/derive/derive-preset';
import { folderSource } from '../../../src/catalog/derive/folder-source';
import { readModelFile } from '../../../src/catalog/preset-file';
import { writePreset } from '../../../src/catalog/write-preset';
import { InvalidInputError } from '../../../src/spec/problem';
import { CONFIG, ModelFolder, safetensors } from './model-folder';

let folder: ModelFolder;
beforeEach(() => {
  folder = new ModelFolder().write('model.safetensors', safetensors({ 'model.embed_tokens.weight': 128000 }));
});
afterEach(() => {
  folder.remove();
});

describe('a preset from a folder', () => {
  test('has the figures of the configuration and of the files', async () => {
    folder.write('config.json', CONFIG).write('README.md', '---\nlicense: apache-2.0\n---\n# A model\n');
    const { model, assumptions } = await derivePreset(folderSource(folder.path), {
      huggingFaceId: 'Example/Tiny-Model',
    });
    expect(assumptions).toEqual([]);
    expect(model).toMatchObject({
      name: 'tiny-model',
      status: 'current',
      huggingFaceId: 'Example/Tiny-Model',
      license: 'apache-2.0',
      gated: 'unknown',
      weightBytes: 128000,
      maxContext: 4096,
      quantization: null,
      // 2 layers x keys and values x 2 heads x 16 x 2 bytes
      kaitoBytesPerToken: 256,
      geometry: { tieWordEmbeddings: true, full: { kvHeads: 2, headDim: 16 } },
      vllm: { toolCallParser: 'hermes', reasoningParser: 'qwen3', trustRemoteCode: false },
      provenance: { weightBytes: { confidence: 'measured' }, gated: { source: 'not known' } },
    });
  });

  test("knows its id and revision in huggingface_hub's cache", async () => {
    const commit = '0123456789abcdef0123456789abcdef01234567';
    const snapshot = `models--Example--Tiny-Model/snapshots/${commit}`;
    folder
      .write(`${snapshot}/config.json`, CONFIG)
      .write(`${snapshot}/model.safetensors`, safetensors({ a: 2 }));
    const { model } = await derivePreset(folderSource(join(folder.path, snapshot)));
    expect(model).toMatchObject({
      huggingFaceId: 'Example/Tiny-Model',
      revision: commit,
      name: 'tiny-model',
    });
  });

  test('says what it had to assume', async () => {
    folder.write('config.json', { ...CONFIG, max_position_embeddings: null, torch_dtype: null });
    const { model, assumptions } = await derivePreset(folderSource(folder.path));
    expect(model).toMatchObject({ maxContext: 2048, license: 'unknown', dtype: 'bfloat16' });
    expect(model.huggingFaceId).toMatch(/^local\/model-/);
    expect(assumptions).toEqual([
      expect.stringContaining('2048 tokens'),
      expect.stringContaining('its id on the hub is not known'),
      expect.stringContaining('its licence is not known'),
    ]);
  });

  test.each([
    [{ quant_method: 'fp8' }, 'fp8'],
    [{ quant_method: 'compressed-tensors', format: 'pack-quantized' }, 'pack-quantized'],
    [{ quant_method: 'modelopt', quant_algo: 'NVFP4' }, 'NVFP4'],
    [{ quant_method: 'awq', bits: 4 }, 'awq'],
  ])('reads the quantisation %j', async (quantization_config, method) => {
    folder.write('config.json', { ...CONFIG, quantization_config });
    expect((await derivePreset(folderSource(folder.path))).model.quantization).toBe(method);
  });

  test.each([
    // The length that is configured is that after stretching.
    [{ rope_type: 'yarn', factor: 4, original_max_position_embeddings: 32768 }, 4096],
    [{ type: 'longrope', factor: 2 }, 4096],
    [{ type: 'dynamic', factor: 2 }, 8192],
    [{ rope_type: 'linear', factor: 2.5 }, 10240],
    [{ rope_type: 'llama3', factor: 8, original_max_position_embeddings: 8192 }, 4096],
    [null, 4096],
  ])('stretches the context as vLLM does: %j', async (rope_scaling, context) => {
    folder.write('config.json', { ...CONFIG, rope_scaling });
    expect((await derivePreset(folderSource(folder.path))).model.maxContext).toBe(context);
  });

  test("reads the numbers that Python's JSON has and JSON has not", async () => {
    const text = JSON.stringify({ ...CONFIG, note: 'NaN "and" Infinity' });
    folder.write(
      'config.json',
      `${text.slice(0, -1)}, "time_step_limit": [0.0, Infinity], "x": [-Infinity, NaN]}`,
    );
    const { model } = await derivePreset(folderSource(folder.path));
    expect(model.geometry.full).toEqual({ kvHeads: 2, headDim: 16 });
  });

  test.each([
    ['BertModel', 'gives vectors, scores or classes', 'inference.template'],
    ['WhisperForConditionalGeneration', 'has an encoder beside its decoder', 'inference.template'],
    ['DeepSeekMTPModel', 'drafts for another model', 'speculative-config'],
    ['MptForCausalLM', 'the last version that did is 0.28.0', 'inference.template'],
    ['DeciLMForCausalLM', 'different numbers of heads', 'inference.template'],
  ])('refuses %s with the reason alone', async (architecture, reason, next) => {
    folder.write('config.json', { architectures: [architecture], model_type: 'x' });
    const refused = derivePreset(folderSource(folder.path));
    await expect(refused).rejects.toMatchObject({
      message: expect.stringContaining(reason) as string,
      next: expect.stringContaining(next) as string,
    });
    await expect(refused).rejects.not.toThrow('num_hidden_layers');
  });

  test('says that an architecture is none of vLLM', async () => {
    folder.write('config.json', { ...CONFIG, architectures: ['AcmeForCausalLM'] });
    const { assumptions } = await derivePreset(folderSource(folder.path));
    expect(assumptions[0]).toContain('no class of its own for AcmeForCausalLM');
  });

  test.each([
    ['in another encoding', Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), 'is not UTF-8'],
    ['that is no JSON', '{ "hidden_size": }', 'is not JSON'],
    ['that is a list', '[1]', 'is not a map'],
  ])('refuses a configuration %s', async (_what, content, reason) => {
    folder.write('config.json', content);
    await expect(derivePreset(folderSource(folder.path))).rejects.toThrow(reason);
  });

  test.each([
    [{ hidden_size: '64' }, 'no positive number for hidden_size, which is "64"'],
    [{ num_hidden_layers: 1e12 }, 'a network has 10000 at most'],
    [{ num_attention_heads: -4 }, 'geometry.attentionHeads: -4 is out of range (allowed: >= 0)'],
    [{ num_key_value_heads: 3 }, '4 attention heads cannot share 3 heads of keys and values evenly'],
    [{ model_type: 'mistral', sliding_window: 0.5 }, 'geometry.sliding.window: expected an integer'],
    [{ layer_types: ['full_attention'] }, 'the kinds of 1 layers are listed, and the network has 2'],
    [{ max_position_embeddings: 0 }, 'no positive number for the longest context'],
  ])('refuses the figures %j', async (fields, reason) => {
    folder.write('config.json', { ...CONFIG, ...fields });
    await expect(derivePreset(folderSource(folder.path))).rejects.toThrow(reason);
  });

  test('takes the first kinds of a list that goes on with draft layers', async () => {
    folder.write('config.json', { ...CONFIG, layer_types: Array(3).fill('full_attention') });
    const { model } = await derivePreset(folderSource(folder.path));
    expect(model.geometry.layers).toEqual([{ repeat: 1, layers: [{ kind: 'full', count: 2 }] }]);
  });

  test('passes over links in a circle, and a folder in the place of weights', async () => {
    folder.write('config.json', CONFIG).write('model-2.safetensors/file', '');
    symlinkSync('circle', join(folder.path, 'circle'));
    const { model } = await derivePreset(folderSource(folder.path));
    expect(model.weightBytes).toBe(128000);
  });

  test('refuses a folder in the place of the configuration', async () => {
    folder.write('config.json/file', '');
    await expect(derivePreset(folderSource(folder.path))).rejects.toThrow(/config.json of .* is not a file/);
  });

  test('counts the keys that Gemma 4 loads in the place of values', async () => {
    folder.write('config.json', {
      ...CONFIG,
      model_type: 'gemma4_text',
      layer_types: ['sliding_attention', 'full_attention'],
      sliding_window: 512,
      global_head_dim: 32,
      num_global_key_value_heads: 1,
      attention_k_eq_v: true,
    });
    const { model } = await derivePreset(folderSource(folder.path));
    expect(model.weightBytes - 128000).toBe(1 * 64 * 1 * 32 * 2);
    expect(model.provenance['weightBytes']?.source).toContain('attention_k_eq_v');
  });

  test('ties the embedding as configured, else as the tensors say, else as the family does', async () => {
    const tied = async (config: object): Promise<boolean> => {
      folder.write('config.json', config);
      return (await derivePreset(folderSource(folder.path))).model.geometry.tieWordEmbeddings;
    };
    expect(await tied({ ...CONFIG, tie_word_embeddings: false })).toBe(false);
    expect(await tied(CONFIG)).toBe(true);
    folder.write('model.safetensors', safetensors({ 'model.embed_tokens.weight': 2, 'lm_head.weight': 2 }));
    expect(await tied(CONFIG)).toBe(false);
    folder.write('model.safetensors', 'version https://git-lfs\noid sha256:00\nsize 4000\n');
    expect(await tied(CONFIG)).toBe(false);
    expect(await tied({ ...CONFIG, model_type: 'gemma' })).toBe(true);
  });

  test('has no draft layers when the files hold none', async () => {
    folder.write('config.json', { ...CONFIG, num_nextn_predict_layers: 3 });
    expect((await derivePreset(folderSource(folder.path))).model.geometry.mtpLayers).toBe(0);
  });

  test.each([
    ['is not there', undefined, /has no config\.json/],
    ['is not JSON', '{', /is not JSON/],
    ['is a list', '[]', /is not a map/],
    ['says nothing', '{}', /architectures[\s\S]*num_hidden_layers[\s\S]*hidden_size[\s\S]*vocab_size/],
  ])('cannot be made when config.json %s', async (_what, text, message) => {
    if (text !== undefined) folder.write('config.json', text);
    await expect(derivePreset(folderSource(folder.path))).rejects.toThrow(message);
  });
});

describe('a preset that is written', () => {
  let output: string;
  beforeEach(() => {
    output = mkdtempSync(join(tmpdir(), 'presets-'));
  });
  afterEach(() => {
    rmSync(output, { recursive: true, force: true });
  });

  test('is read back the same', async () => {
    folder.write('config.json', CONFIG);
    const { model } = await derivePreset(folderSource(folder.path), { name: 'tiny', license: 'mit' });
    const file = writePreset(output, model, { head: ['A note.'] }, { replace: false });
    expect(readModelFile(file).value).toEqual(model);
    expect(readdirSync(output)).toEqual(['tiny.yaml']);
  });

  test('replaces no file unasked', async () => {
    folder.write('config.json', CONFIG);
    const { model } = await derivePreset(folderSource(folder.path), { name: 'tiny' });
    writePreset(output, model, {}, { replace: false });
    expect(() => writePreset(output, model, {}, { replace: false })).toThrow(InvalidInputError);
    expect(writePreset(output, model, {}, { replace: true })).toBe(join(output, 'tiny.yaml'));
  });

  test('is not left behind when it does not pass the schema', async () => {
    folder.write('config.json', CONFIG);
    const { model } = await derivePreset(folderSource(folder.path), { name: 'tiny' });
    expect(() => writePreset(output, { ...model, maxContext: 0 }, {}, { replace: false })).toThrow(
      InvalidInputError,
    );
    expect(readdirSync(output)).toEqual([]);
  });
});
