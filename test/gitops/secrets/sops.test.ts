import { readSopsFolder } from '../../../src/gitops/secrets/sops';
import { ENCRYPTED, folderWith, sopsFile } from './sops-files';

const good = sopsFile('hf-token', { HF_TOKEN: ENCRYPTED });

test('files keep every byte, in the order of their names', () => {
  const folder = folderWith({
    'b.yaml': sopsFile('other', { a: ENCRYPTED }),
    'a.yaml': good,
    '.sops.yaml': 'creation_rules: []\n',
    'README.md': 'how to encrypt',
    'old/c.yaml': 'plain: true',
  });
  const { files, faults } = readSopsFolder(folder);
  expect(faults).toEqual([]);
  expect(files.map(({ object }) => object.metadata.name)).toEqual(['hf-token', 'other']);
  expect(files[0]?.content).toBe(good);
});

test.each([
  [
    'a value in the clear',
    sopsFile('a', { HF_TOKEN: ENCRYPTED, other: 'secret' }),
    /^stringData\.other is not encrypted$/,
  ],
  ['a value that only looks encrypted', sopsFile('a', { HF_TOKEN: 'ENC[nothing]' }), /is not encrypted/],
  [
    'a Secret that SOPS never saw',
    'apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: b}\ndata: {x: eA==}\n',
    /not encrypted with SOPS/,
  ],
  ['a Secret without a namespace', good.replace(/ {4}namespace: chat\n/, ''), /name and a namespace/],
  ['another kind', good.replace('kind: Secret', 'kind: ConfigMap'), /not a Secret/],
  ['two documents', `${good}---\n${good}`, /one YAML document/],
  ['no YAML', 'a: [', /one YAML document/],
])('%s is refused', (_, content, message) => {
  const { files, faults } = readSopsFolder(folderWith({ 'a.yaml': content }));
  expect(files).toEqual([]);
  expect(faults.map((fault) => fault.message)).toEqual([expect.stringMatching(message)]);
  expect(faults[0]?.message).not.toContain('secret,');
});

test('a folder that is not there, and one without files, are told', () => {
  expect(readSopsFolder('/nowhere/at/all').faults[0]?.message).toBe('the folder does not exist');
  expect(readSopsFolder(folderWith({})).faults[0]?.message).toBe('the folder holds no .yaml file');
});
