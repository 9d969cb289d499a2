import { kaito, own, readText } from './marked';

function read(servedName: string) {
  return readText(own(`inference:\n  preset: {name: phi-4}\n  servedName: ${servedName}\n`));
}

function ofConfig(value: string) {
  return readText(`${kaito('  config: serving\n')}---
apiVersion: v1
kind: ConfigMap
metadata: {name: serving}
data:
  inference_config.yaml: |
    vllm: {served-model-name: ${value}}
`);
}

describe('inference.servedName', () => {
  it('is one model id, or a list of them', () => {
    expect(read('chat').workspaces[0]?.inference?.servedNames).toEqual(['chat']);
    expect(read('[chat, team/chat-v2]').workspaces[0]?.inference?.servedNames).toEqual([
      'chat',
      'team/chat-v2',
    ]);
  });

  it.each([
    ['[]', 'too-few-items', 'inference.servedName'],
    ['[a, a]', 'duplicate-item', 'inference.servedName'],
    ['[a, b c]', 'invalid-value', 'inference.servedName[1]'],
    ['[1]', 'wrong-type', 'inference.servedName[0]'],
    ['{a: b}', 'wrong-type', 'inference.servedName'],
  ])('%s is refused: %s', (value, code, field) => {
    expect(read(value).problems).toMatchObject([{ severity: 'error', code, field }]);
  });

  it('gives way to the served-model-name of the config, one or several', () => {
    expect(ofConfig('ours').workspaces[0]?.inference?.servedNames).toEqual(['ours']);
    expect(ofConfig('[ours, theirs]').workspaces[0]?.inference?.servedNames).toEqual(['ours', 'theirs']);
    expect(ofConfig('two words').workspaces[0]?.inference).not.toHaveProperty('servedNames');
  });
});
