import fc from 'fast-check';
import type { KubernetesObject } from '../../../src/gitops/object';
import type { JsonObject } from '../../../src/workload/yaml';
import { checkObject, checkText } from '../../../src/gitops/secrets/faults';

const letters = (count: number) => 'aB3'.repeat(count).slice(0, count);
const base64 = (text: string) => Buffer.from(text).toString('base64');

const CREDENTIALS: readonly (readonly [name: string, text: string])[] = [
  ['a Hugging Face token', `value: hf_${letters(34)}`],
  ['a Hugging Face token', `value: api_org_${letters(34)}`],
  ['a GitHub token', `value: ghp_${letters(36)}`],
  ['a GitHub token', `value: github_pat_${letters(60)}`],
  ['a GitLab token', `value: glpat-${letters(20)}`],
  ['an AWS access key', 'value: AKIAABCDEFGHIJKLMNOP'],
  ['an Azure storage key', `value: DefaultEndpointsProtocol=https;AccountKey=${letters(86)}==`],
  ['a signed Azure URL', `value: https://a.blob.core.windows.net/m?sv=2024&sig=${letters(44)}%3D`],
  ['a Google API key', `value: AIza${letters(35)}`],
  ['an NVIDIA NGC key', `value: nvapi-${letters(64)}`],
  ['a Slack token', `value: xoxb-${letters(30)}`],
  ['an API key', `value: sk-proj-${letters(40)}`],
  ['a signed token (JWT)', `value: eyJ${letters(20)}.eyJ${letters(30)}.${letters(43)}`],
  ['a private key', '-----BEGIN RSA PRIVATE KEY-----'],
  ['a private key', '{"private_key":"-----BEGIN PRIVATE KEY-----\\nMIIE"}'],
  ["a registry's password", `{"auths":{"ghcr.io":{"auth":"${base64('user:password')}"}}}`],
  ['a URL with a password', 'url: https://user:secret@example.com/x'],
  ['a URL with a password', 'url: redis://:secret@cache:6379'],
];

test.each(CREDENTIALS)('%s is refused, and not repeated in the message', (name, text) => {
  const [fault, ...others] = checkText(`kind: ConfigMap\n${text}\n`);
  expect(others).toEqual([]);
  expect(fault).toMatchObject({ code: 'secret-in-file', message: `it holds what looks like ${name}` });
});

test('base64 hides nothing', () => {
  expect(checkText(`binaryData:\n  token: ${base64(`token=hf_${letters(34)}`)}\n`)).toMatchObject([
    { message: 'it holds what looks like a Hugging Face token, in base64' },
  ]);
});

test.each([
  ['a reference to a Secret', 'secretKeyRef:\n  name: hf-token\n  key: HF_TOKEN'],
  ['an image with a digest', `image: ghcr.io/a/b@sha256:${'0123456789abcdef'.repeat(4)}`],
  ['a URL with a port and an @', 'url: https://example.com:8080/x@y'],
  ['an e-mail address', 'email: a@b.c'],
  ['a password from the environment', 'url: http://user:$(PROXY_PASSWORD)@proxy.example.com:3128'],
  ['a long name that begins with sk-', 'name: sk-hynix-h100-pool-for-inference-2026-workloads'],
  ['a commit', 'revision: 0123456789abcdef0123456789abcdef01234567'],
  ['a model that is named like a prefix', 'model: hf-internal-testing/tiny-random-gpt2'],
  [
    'a dashboard query',
    'expr: histogram_quantile(0.95, sum by (le) (rate(vllm:e2e_request_latency_seconds_bucket[5m])))',
  ],
])('%s passes', (_, text) => {
  expect(checkText(`kind: ConfigMap\n${text}\n`)).toEqual([]);
});

test('names and hashes of any kind are no credentials', () => {
  const name = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
  const digest = fc.stringMatching(/^[0-9a-f]{64}$/);
  fc.assert(
    fc.property(name, digest, (given, hash) => {
      fc.pre(!given.startsWith('glpat-'));
      expect(checkText(`name: ${given}\nimage: registry.example.com/${given}@sha256:${hash}\n`)).toEqual([]);
    }),
  );
});

const secret = (more: JsonObject): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'hf-token' },
  ...more,
});

test.each([
  ['data', secret({ data: { token: 'eA==' } }), 'data'],
  ['stringData', secret({ stringData: { token: 'x' } }), 'stringData'],
  [
    'data of a Secret in a List',
    {
      apiVersion: 'v1',
      kind: 'List',
      metadata: { name: 'x' },
      items: [{ ...secret({ data: { a: 'eA==' } }) }],
    },
    'items[0].data',
  ],
])('%s is refused', (_, object, path) => {
  expect(checkObject(object)).toMatchObject([
    { code: 'secret-in-file', message: `it holds the value of a secret at ${path}` },
  ]);
});

test('a Secret without values, and other kinds of that name, pass', () => {
  expect(checkObject(secret({ type: 'Opaque', data: {} }))).toEqual([]);
  expect(checkObject({ ...secret({ data: { a: 'b' } }), apiVersion: 'example.com/v1' })).toEqual([]);
});

const pod = (env: readonly JsonObject[]): KubernetesObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'chat' },
  spec: { template: { spec: { containers: [{ name: 'server', env: [...env] }] } } },
});

test.each([
  'HF_TOKEN',
  'WANDB_API_KEY',
  'DB_PASSWORD',
  'AWS_SECRET_ACCESS_KEY',
  'token',
  'STORAGE_CONNECTION_STRING',
])('a literal value of the variable %s is refused, whatever it looks like', (name) => {
  expect(checkObject(pod([{ name, value: 'abc' }]))).toMatchObject([
    { message: `it holds the value of a secret at spec.template.spec.containers[0].env[0].value (${name})` },
  ]);
});

test.each<JsonObject>([
  { name: 'HF_TOKEN', valueFrom: { secretKeyRef: { name: 'hf', key: 'HF_TOKEN' } } },
  { name: 'HF_TOKEN', value: '$(OTHER)' },
  { name: 'HF_TOKEN', value: '' },
  { name: 'TOKENIZERS_PARALLELISM', value: 'false' },
  { name: 'AWS_WEB_IDENTITY_TOKEN_FILE', value: '/var/run/token' },
  { name: 'API_KEY', value: '/etc/keys/api' },
  { name: 'MAX_TOKENS', value: '4096' },
])('the variable %j passes', (variable) => {
  expect(checkObject(pod([variable]))).toEqual([]);
});

test('what Flux would substitute is refused', () => {
  expect(checkText('command: echo ${HOME}\n')).toMatchObject([{ code: 'flux-substitution' }]);
  expect(checkText('command: echo $(HOME) $HOME\n')).toEqual([]);
});
