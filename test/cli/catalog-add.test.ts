import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadCatalog } from '../../src/catalog/catalog';
import { COMMIT, FakeHub } from '../catalog/derive/fake-hub';
import { CONFIG, ModelFolder, safetensors } from '../catalog/derive/model-folder';
import { runMain } from './run-main';

/** Run `slipway catalog` in this process. */
const run = (...args: string[]) => runMain('catalog', ...args);

let folder: ModelFolder;
let output: string;
beforeEach(() => {
  folder = new ModelFolder()
    .write('config.json', CONFIG)
    .write('model.safetensors', safetensors({ 'model.embed_tokens.weight': 128000 }));
  output = mkdtempSync(join(tmpdir(), 'presets-'));
});
afterEach(() => {
  folder.remove();
  rmSync(output, { recursive: true, force: true });
});

describe('slipway catalog add', () => {
  test('makes a preset from a folder that the catalogue then finds', async () => {
    const models = join(output, 'models');
    const said = ['--id', 'example/tiny', '--license', 'mit', '--gated', 'no'];
    const { code, stdout, stderr } = await run('add', folder.path, ...said, '-o', models);
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: `${join(models, 'tiny.yaml')}\n`,
      stderr: '',
    });
    expect(loadCatalog(output).model('example/tiny')).toMatchObject({ name: 'tiny', weightBytes: 128000 });
  });

  test('prints the preset when asked, and writes nothing', async () => {
    const { code, stdout, stderr } = await run('add', folder.path, '--name', 'tiny', '-o', '-');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^name: tiny$/m);
    // What had to be assumed is told, and kept in the file.
    expect(stderr).toContain('its licence is not known');
    expect(stdout).toMatch(/^# - its licence is not known/m);
  });

  test('reads the hub only when asked to by name', async () => {
    const hub = new FakeHub({
      id: 'Example/Tiny',
      files: { 'config.json': JSON.stringify(CONFIG) },
      weights: { 'model.safetensors': 4096 },
    });
    const before = process.env['HF_ENDPOINT'];
    process.env['HF_ENDPOINT'] = await hub.start();
    try {
      const models = join(output, 'models');
      expect((await run('add', 'Example/Tiny', '-o', models)).code).toBe(2);
      expect(hub.requests).toEqual([]);
      const { code, stderr } = await run(
        'add',
        'Example/Tiny',
        '--from-hub',
        '--license',
        'mit',
        '-o',
        models,
      );
      expect([code, stderr]).toEqual([0, '']);
      expect((await run('add', 'Example/None', '--from-hub', '-o', models)).code).toBe(2);
    } finally {
      await hub.stop();
      if (before === undefined) delete process.env['HF_ENDPOINT'];
      else process.env['HF_ENDPOINT'] = before;
    }
    expect(loadCatalog(output).model('tiny')).toMatchObject({
      huggingFaceId: 'Example/Tiny',
      revision: COMMIT,
    });
  });

  test('warns of a model that the catalogue has already', async () => {
    const { code, stderr } = await run('add', folder.path, '--id', 'microsoft/phi-4', '-o', output);
    expect(code).toBe(0);
    expect(stderr).toContain('the catalogue has this model already, as phi-4');
  });

  test('replaces a preset only with --force', async () => {
    await run('add', folder.path, '--name', 'tiny', '-o', output);
    const { code, stderr } = await run('add', folder.path, '--name', 'tiny', '-o', output);
    expect(code).toBe(2);
    expect(stderr).toContain('is there already');
    expect((await run('add', folder.path, '--name', 'tiny', '-o', output, '--force')).code).toBe(0);
  });

  test.each([
    [['nowhere'], /there is no folder "nowhere"/],
    [[__filename], /is not a folder/],
    [['no-owner', '--from-hub'], /is no Hugging Face id/],
    [['.', '--revision', 'main'], /--from-hub/],
    [['.', '--name', 'Not A Name'], /lower case letters/],
    [['.', '--id', 'x'], /owner\/model/],
    [['.'], /has no config\.json/],
  ])('refuses %j with exit code 2, and writes nothing', async (args, message) => {
    const { code, stdout, stderr } = await run('add', ...args, '-o', output);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
    expect(readdirSync(output)).toEqual([]);
  });
});
