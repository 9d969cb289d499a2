import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { publishBranches, pushBranches } from '../../src/gitops/publish';

let folder: string;
const git = (...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', '-C', folder, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim();
const write = (path: string, content: string) => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
};
const commit = (message: string) => {
  git('add', '-A');
  git('commit', '-qm', message);
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-publish-'));
  git('init', '-q', '-b', 'main');
  git('config', 'user.name', 'Test');
  git('config', 'user.email', 'test@example.com');
  write('gitops/prod/platform/kustomization.yaml', 'resources: []\n');
  write('gitops/staging/platform/kustomization.yaml', 'resources: []\n');
  write('gitops/slipway-manifest.json', '{}\n');
  commit('Serve a model');
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

test("each cluster's folder becomes the root of its branch", () => {
  expect(publishBranches(folder, 'gitops').map(({ branch, isChanged }) => [branch, isChanged])).toEqual([
    ['environments/prod', true],
    ['environments/staging', true],
  ]);
  expect(git('ls-tree', '-r', '--name-only', 'environments/prod')).toBe('platform/kustomization.yaml');
  expect(git('log', '-1', '--format=%B', 'environments/prod')).toContain(
    `Rendered-from: ${git('rev-parse', 'HEAD')}`,
  );
  expect(git('branch', '--show-current')).toBe('main');
  expect(git('status', '--porcelain')).toBe('');
});

test('only what changed gets a commit, on top of what was there', () => {
  publishBranches(folder, 'gitops');
  const before = git('rev-parse', 'environments/prod');
  write('gitops/prod/platform/kustomization.yaml', 'resources: [a.yaml]\n');
  commit('Change one cluster');
  expect(publishBranches(folder, 'gitops').map(({ isChanged }) => isChanged)).toEqual([true, false]);
  expect(git('rev-parse', 'environments/prod^')).toBe(before);
});

test('a dry run changes nothing', () => {
  expect(publishBranches(folder, 'gitops', { isDryRun: true })[0]?.isChanged).toBe(true);
  expect(git('branch', '--list', 'environments/*')).toBe('');
});

test('branches are pushed together', () => {
  const remote = join(folder, 'remote.git');
  execFileSync('git', ['init', '-q', '--bare', remote]);
  pushBranches(folder, remote, publishBranches(folder, 'gitops'));
  expect(execFileSync('git', ['-C', remote, 'branch', '--list'], { encoding: 'utf8' })).toContain(
    'environments/staging',
  );
});

test('a repository without a rendered tree is told what to do', () => {
  expect(() => publishBranches(folder, 'nowhere')).toThrow('run "npx cdk8s synth" and commit');
});

test("Git's own words are kept", () => {
  rmSync(join(folder, '.git'), { recursive: true });
  expect(() => publishBranches(folder, 'gitops')).toThrow(/not a git repository/);
});
