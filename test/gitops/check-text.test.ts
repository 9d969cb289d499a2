import { checkText } from '../../src/gitops/check-text';

const letters = (count: number) => 'aB3'.repeat(count).slice(0, count);

test.each([
  ['a Hugging Face token', `value: hf_${letters(34)}`],
  ['a GitHub token', `value: ghp_${letters(36)}`],
  ['an AWS access key', 'value: AKIAABCDEFGHIJKLMNOP'],
  ['a private key', '-----BEGIN RSA PRIVATE KEY-----'],
  ['a URL with a password', 'url: https://user:secret@example.com/x'],
])('%s is refused, and not repeated in the message', (name, text) => {
  const [fault, ...others] = checkText(`kind: ConfigMap\n${text}\n`);
  expect(others).toEqual([]);
  expect(fault).toMatchObject({ code: 'secret-in-file', message: `it holds what looks like ${name}` });
});

test('a Secret with values is refused, and one without is not', () => {
  expect(checkText('apiVersion: v1\nkind: Secret\ndata:\n  token: eA==\n')).toHaveLength(1);
  expect(checkText('apiVersion: v1\nkind: Secret\nstringData:\n  token: x\n')).toHaveLength(1);
  expect(checkText('apiVersion: v1\nkind: Secret\ntype: Opaque\n')).toEqual([]);
});

test('references to Secrets, image references and plain URLs pass', () => {
  const text =
    'kind: Deployment\nsecretKeyRef:\n  name: hf-token\nimage: ghcr.io/a/b@sha256:abc\nurl: https://example.com:8080/x@y\nemail: a@b.c\n';
  expect(checkText(text)).toEqual([]);
});

test('what Flux would substitute is refused', () => {
  expect(checkText('command: echo ${HOME}\n')).toMatchObject([{ code: 'flux-substitution' }]);
  expect(checkText('command: echo $(HOME) $HOME\n')).toEqual([]);
});
