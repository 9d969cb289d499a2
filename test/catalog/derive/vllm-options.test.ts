import { loadCatalog } from '../../../src/catalog/catalog';
import { vllmOptions } from '../../../src/catalog/derive/vllm-options';
import type { Model } from '../../../src/catalog/model';

const current = loadCatalog()
  .models()
  .filter((model): model is Model => model.status === 'current');

describe('vllmOptions', () => {
  test.each(current.map((model) => [model.name, model]))(
    'gives %s the options that KAITO gives it',
    (name, model) => {
      const { architecture, vllm } = model;
      const { loadFormat, trustRemoteCode } = vllm;
      expect(vllmOptions({ name, architecture, loadFormat, trustRemoteCode })).toEqual(vllm);
    },
  );

  test('takes the longest name that fits', () => {
    const facts = { architecture: 'X', loadFormat: 'auto', trustRemoteCode: false } as const;
    expect(vllmOptions({ ...facts, name: 'qwen3-coder-480b' }).toolCallParser).toBe('qwen3_xml');
    expect(vllmOptions({ ...facts, name: 'deepseek-v3.1' }).toolCallParser).toBe('deepseek_v31');
    expect(vllmOptions({ ...facts, name: 'unheard-of' })).toMatchObject({
      toolCallParser: null,
      reasoningParser: null,
      chatTemplate: null,
      tokenizerMode: 'auto',
    });
  });
});
