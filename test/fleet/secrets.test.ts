import { parse } from 'yaml';
import { Cluster, Fleet, Workspace, type ClusterProps } from '../../src';
import { InvalidInputError } from '../../src/spec/problem';
import { ENCRYPTED, folderWith, sopsFile } from '../gitops/secrets/sops-files';

const external = [
  { name: 'hf-token', store: { name: 'vault' }, keys: { HF_TOKEN: { key: 'ml/hf', property: 'token' } } },
];

function render(props: ClusterProps, modelAccessSecret = 'hf-token'): ReadonlyMap<string, string> {
  const fleet = new Fleet({ repository: { url: 'https://git.example.com/fleet.git' } });
  const cluster = new Cluster(fleet, 'prod', {
    defaults: { namespace: 'chat', modelAccessSecret },
    ...props,
  });
  new Workspace(cluster, 'phi', {
    resource: { instanceType: 'Standard_NC24ads_A100_v4' },
    inference: { preset: { name: 'phi-4-mini-instruct' } },
  });
  return fleet.render().tree;
}

const problemsOf = (props: ClusterProps) => {
  try {
    render(props);
    return [];
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    return error.problems.filter(({ severity }) => severity === 'error');
  }
};

const file = (tree: ReadonlyMap<string, string>, path: string): unknown => parse(tree.get(path) ?? 'null');

describe('an ExternalSecret', () => {
  test('is rendered with what its CRD would fill in, in a folder of its own', () => {
    expect(file(render({ secrets: { external } }), 'prod/secrets/externalsecret-chat.hf-token.yaml')).toEqual(
      {
        apiVersion: 'external-secrets.io/v1',
        kind: 'ExternalSecret',
        metadata: {
          name: 'hf-token',
          namespace: 'chat',
          annotations: { 'argocd.argoproj.io/sync-wave': '-10' },
          labels: { 'app.kubernetes.io/managed-by': 'slipway' },
        },
        spec: {
          refreshInterval: '1h0m0s',
          secretStoreRef: { kind: 'ClusterSecretStore', name: 'vault' },
          target: { name: 'hf-token', creationPolicy: 'Owner', deletionPolicy: 'Retain' },
          data: [
            {
              secretKey: 'HF_TOKEN',
              remoteRef: {
                key: 'ml/hf',
                property: 'token',
                conversionStrategy: 'Default',
                decodingStrategy: 'None',
                metadataPolicy: 'None',
              },
            },
          ],
        },
      },
    );
  });

  test('has an Application of its own, and the project allows it', () => {
    const tree = render({ secrets: { external } });
    expect(file(tree, 'prod/argocd/application-prod.secrets.yaml')).toMatchObject({
      metadata: { annotations: { 'argocd.argoproj.io/sync-wave': '-10' } },
      spec: { source: { path: 'gitops/prod/secrets' }, destination: { namespace: 'chat' } },
    });
    expect(tree.get('prod/argocd/application-prod.secrets.yaml')).not.toContain('finalizers');
    expect(tree.get('prod/argocd/appproject-prod.yaml')).toContain('kind: ExternalSecret');
  });

  test('is ready before the pods of its namespace under Flux, and after the namespace is there', () => {
    const tree = render({ gitOps: 'flux', secrets: { external } });
    const dependencies = (name: string) =>
      (file(tree, `prod/flux/kustomization-${name}.yaml`) as { spec: { dependsOn?: unknown } }).spec
        .dependsOn;
    expect(dependencies('secrets')).toEqual([{ name: 'platform' }]);
    expect(dependencies('chat--phi')).toEqual([{ name: 'platform' }, { name: 'secrets' }]);
  });

  test("of another namespace is nobody else's dependency", () => {
    const elsewhere = external.map((secret) => ({ ...secret, namespace: 'other' }));
    const tree = render({ gitOps: 'flux', secrets: { external: elsewhere } });
    expect(tree.get('prod/flux/kustomization-chat--phi.yaml')).not.toContain('name: secrets');
  });

  test('that lacks a key which a pod reads is refused, with the keys that it has', () => {
    const [problem, ...others] = problemsOf({
      secrets: {
        external: [{ name: 'hf-token', store: { name: 'vault' }, keys: { token: { key: 'ml/hf' } } }],
      },
    });
    expect(others).toEqual([]);
    expect(problem).toMatchObject({
      code: 'missing-secret-key',
      message: 'Deployment chat/phi reads the key HF_TOKEN of Secret hf-token, which has token',
    });
  });
});

describe('a SOPS file', () => {
  const content = sopsFile('hf-token', { HF_TOKEN: ENCRYPTED });
  const folder = folderWith({ 'hf.yaml': content });

  test('is copied byte for byte, and Flux decrypts it', () => {
    const tree = render({ gitOps: 'flux', secrets: { sops: { folder } } });
    expect(tree.get('prod/secrets/secret-chat.hf-token.yaml')).toBe(content);
    expect(file(tree, 'prod/flux/kustomization-secrets.yaml')).toMatchObject({
      spec: { decryption: { provider: 'sops', secretRef: { name: 'sops-keys' } } },
    });
    expect(tree.get('prod/flux/kustomization-chat--phi.yaml')).not.toContain('decryption');
  });

  test('goes through the plugin that is named for Argo CD', () => {
    const tree = render({ secrets: { sops: { folder, argocdPlugin: 'sops' } } });
    expect(file(tree, 'prod/argocd/application-prod.secrets.yaml')).toMatchObject({
      spec: { source: { plugin: { name: 'sops' } } },
    });
    expect(tree.get('prod/argocd/application-prod.chat--phi.yaml')).not.toContain('plugin');
  });

  test('cannot be used with Argo CD alone', () => {
    expect(problemsOf({ secrets: { sops: { folder } } })).toMatchObject([
      {
        code: 'missing-field',
        field: 'secrets.sops',
        message: 'Argo CD cannot decrypt SOPS files by itself',
      },
    ]);
  });

  test('with a value in the clear stops the synthesis, and the value is not repeated', () => {
    const open = folderWith({ 'hf.yaml': sopsFile('hf-token', { HF_TOKEN: 'hunter2' }) });
    const [problem] = problemsOf({ gitOps: 'flux', secrets: { sops: { folder: open } } });
    expect(problem).toMatchObject({ code: 'sops-file', field: 'secrets.sops.folder' });
    expect(JSON.stringify(problem)).not.toContain('hunter2');
  });

  test('and an ExternalSecret for one Secret are refused', () => {
    expect(problemsOf({ gitOps: 'flux', secrets: { external, sops: { folder } } })).toMatchObject([
      {
        code: 'sops-file',
        message: expect.stringContaining('chat/hf-token is in secrets.external') as unknown,
      },
    ]);
  });
});

test.each<[string, ClusterProps, string]>([
  [
    'a name with capitals',
    {
      secrets: {
        external: [{ ...external[0], name: 'HF', store: { name: 'v' }, keys: { a: { key: 'b' } } }],
      },
    },
    'invalid-name secrets.external[0].name',
  ],
  [
    'a key with a slash',
    { secrets: { external: [{ name: 'a', store: { name: 'v' }, keys: { 'a/b': { key: 'b' } } }] } },
    'invalid-name secrets.external[0].keys["a/b"]',
  ],
  [
    'no keys',
    { secrets: { external: [{ name: 'a', store: { name: 'v' }, keys: {} }] } },
    'empty-value secrets.external[0].keys',
  ],
  [
    'one Secret twice',
    { secrets: { external: [...external, ...external] } },
    'duplicate-name secrets.external[1].name',
  ],
  [
    'a plugin beside Flux',
    {
      gitOps: 'flux',
      secrets: {
        sops: {
          folder: folderWith({ 'a.yaml': sopsFile('hf-token', { HF_TOKEN: ENCRYPTED }) }),
          argocdPlugin: 'x',
        },
      },
    },
    'contradiction secrets.sops.argocdPlugin',
  ],
])('%s is told with its place', (_, props, expected) => {
  expect(problemsOf(props).map(({ code, field }) => `${code} ${field}`)).toContain(expected);
});
