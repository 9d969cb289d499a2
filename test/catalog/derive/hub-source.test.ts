import { derivePreset } from '../../../src/catalog/derive/derive-preset';
import { hubSource } from '../../../src/catalog/derive/hub-source';
import { SourceError } from '../../../src/catalog/derive/source';
import { COMMIT, FakeHub, type FakeModel } from './fake-hub';
import { CONFIG } from './model-folder';

const MODEL: FakeModel = {
  id: 'Example/Tiny-Model',
  license: 'apache-2.0',
  files: {
    'config.json': JSON.stringify(CONFIG),
    'model.safetensors.index.json': JSON.stringify({
      metadata: { total_size: 128000 },
      weight_map: { 'model.embed_tokens.weight': 'model-00001-of-00001.safetensors' },
    }),
  },
  weights: { 'model-00001-of-00001.safetensors': 128500 },
};

let hub: FakeHub;
let endpoint: string;

async function start(model: FakeModel): Promise<void> {
  hub = new FakeHub(model);
  endpoint = await hub.start();
}

afterEach(async () => {
  await hub.stop();
});

describe('a model on the hub', () => {
  test('is pinned to the commit of its revision, in its canonical case', async () => {
    await start(MODEL);
    const { model } = await derivePreset(await hubSource('example/tiny-model', { endpoint }));
    expect(model).toMatchObject({
      name: 'tiny-model',
      huggingFaceId: 'Example/Tiny-Model',
      revision: COMMIT,
      license: 'apache-2.0',
      gated: 'no',
      weightBytes: 128000,
      downloadBytes: 128500,
    });
  });

  test('has only its configuration and its index fetched', async () => {
    await start(MODEL);
    await derivePreset(await hubSource('Example/Tiny-Model', { endpoint }));
    expect(hub.requests).toEqual([
      '/api/models/Example/Tiny-Model/revision/main',
      `/Example/Tiny-Model/resolve/${COMMIT}/config.json`,
      `/Example/Tiny-Model/resolve/${COMMIT}/model.safetensors.index.json`,
    ]);
  });

  test('in one file has the size of the file', async () => {
    await start({
      ...MODEL,
      files: { 'config.json': JSON.stringify(CONFIG) },
      weights: { 'model.safetensors': 4096 },
    });
    const { model } = await derivePreset(
      await hubSource('Example/Tiny-Model', { endpoint, revision: COMMIT }),
    );
    expect(model).toMatchObject({ weightBytes: 4096, downloadBytes: 4096 });
  });

  test('that is gated is known as such, and read with a token', async () => {
    await start({ ...MODEL, gated: 'manual', token: 'hf_secret' });
    const source = await hubSource('Example/Tiny-Model', { endpoint, token: 'hf_secret' });
    expect(source.gated).toBe('yes');
    await expect(source.text('config.json')).resolves.toContain('Qwen3ForCausalLM');
  });

  test('that needs a token says so, without the token in the message', async () => {
    await start({ ...MODEL, token: 'hf_secret' });
    await expect(hubSource('Example/Tiny-Model', { endpoint, token: '' })).rejects.toMatchObject({
      message: expect.stringContaining('401') as unknown,
      next: 'set HF_TOKEN to a token that may read it',
    });
    const refused = hubSource('Example/Tiny-Model', { endpoint, token: 'hf_other' });
    await expect(refused).rejects.toMatchObject({
      next: expect.stringContaining('ask for access') as unknown,
    });
    await expect(refused).rejects.not.toThrow('hf_other');
  });

  test('that does not exist, or not in this revision, is an error', async () => {
    await start(MODEL);
    await expect(hubSource('Example/Other', { endpoint })).rejects.toThrow(SourceError);
    await expect(hubSource('Example/Tiny-Model', { endpoint, revision: 'v9' })).rejects.toThrow(
      /revision v9/,
    );
  });
});

describe('a hub', () => {
  test('that cannot be reached is an error with the reason', async () => {
    await start(MODEL);
    await hub.stop();
    await expect(hubSource('Example/Tiny-Model', { endpoint })).rejects.toThrow(
      /cannot be reached: .*ECONNREFUSED/,
    );
  });

  test('that answers with something else is an error', async () => {
    await start({ ...MODEL, id: 'x' });
    await expect(hubSource('Example/Tiny-Model', { endpoint: `${endpoint}/nothing` })).rejects.toThrow(
      SourceError,
    );
  });
});
