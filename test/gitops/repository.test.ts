import { checkReadable, checkRepository, repositoryOf } from '../../src/gitops/repository';

const codes = (props: Parameters<typeof checkRepository>[0]) =>
  checkRepository(props, 'fleet').map(({ code, field }) => `${code} ${field}`);

test.each([
  [{ url: 'https://git.example.com/ml/fleet.git' }],
  [{ url: 'ssh://git@git.example.com:2222/ml/fleet.git', branch: 'release/1.x' }],
  [{ url: 'oci://registry.example.com:5000/ml/fleet', tag: 'v1.2' }],
  [{ url: 'https://git.example.com/ml/fleet.git', secretName: 'fleet-read' }],
])('%j is fine', (props) => {
  expect(checkRepository(props, 'fleet')).toEqual([]);
});

test.each([
  ['a form that Flux does not read', { url: 'git@github.com:ml/fleet.git' }, 'invalid-value repository.url'],
  ['a folder', { url: './fleet' }, 'invalid-value repository.url'],
  ['a token as user', { url: 'https://token@git.example.com/fleet.git' }, 'secret-value repository.url'],
  ['a password', { url: 'ssh://git:pw@git.example.com/fleet.git' }, 'secret-value repository.url'],
  ['a branch with a space', { url: 'https://a.b/c', branch: 'my branch' }, 'invalid-value repository.branch'],
  ['a branch with two dots', { url: 'https://a.b/c', branch: 'a..b' }, 'invalid-value repository.branch'],
  ['a tag in Git', { url: 'https://a.b/c', tag: 'v1' }, 'contradiction repository.tag'],
  ['a branch of an artifact', { url: 'oci://a.b/c', branch: 'main' }, 'contradiction repository.branch'],
  ['branches of an artifact', { url: 'oci://a.b/c', layout: 'branches' }, 'contradiction repository.layout'],
  ['a tag in the URL of an artifact', { url: 'oci://a.b/c:v1' }, 'invalid-value repository.url'],
  [
    'a Secret that cannot be',
    { url: 'https://a.b/c', secretName: 'Fleet_read' },
    'invalid-value repository.secretName',
  ],
  ['a malformed tag', { url: 'oci://a.b/c', tag: '-v1' }, 'invalid-value repository.tag'],
] as const)('%s is refused', (_, props, expected) => {
  expect(codes(props)).toEqual([expected]);
});

test('the form of ssh that both engines read is named', () => {
  expect(checkRepository({ url: 'git@github.com:ml/fleet.git' }, 'fleet')[0]?.next).toBe(
    'write ssh://git@github.com/ml/fleet.git',
  );
});

test.each([
  ['./gitops/', 'gitops'],
  ['gitops', 'gitops'],
  ['.', ''],
  ['./', ''],
  ['/deploy/tree', 'deploy/tree'],
])('the tree in %s has the path "%s" in the repository', (path, expected) => {
  expect(repositoryOf({ url: 'https://a.b/c', path }, 'out').path).toBe(expected);
});

describe('a repository that is read over ssh', () => {
  const ssh = { url: 'ssh://git@git.example.com/ml/fleet.git' };
  const flux = { cluster: 'prod', engine: 'flux' } as const;
  const argocd = { cluster: 'lab', engine: 'argocd' } as const;

  test('is an error where Flux has no key for it', () => {
    const [problem] = checkReadable(repositoryOf(ssh, 'out'), [argocd, flux], 'fleet');
    expect(problem).toMatchObject({ code: 'missing-field', field: 'repository.secretName' });
    expect(problem?.message).toContain('cluster prod');
  });

  test('is none where Flux has one, or does not apply anything', () => {
    expect(checkReadable(repositoryOf({ ...ssh, secretName: 'key' }, 'out'), [flux], 'fleet')).toEqual([]);
    expect(checkReadable(repositoryOf(ssh, 'out'), [argocd], 'fleet')).toEqual([]);
    expect(checkReadable(repositoryOf({ url: 'https://a.b/c' }, 'out'), [flux], 'fleet')).toEqual([]);
  });
});
