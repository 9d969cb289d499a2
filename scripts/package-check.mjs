// `npm run package:check`: pack the package, install it into an empty project as a user would, and use it there: the
// command, the library from JavaScript, its types from TypeScript, and a fleet through the cdk8s CLI.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './counts.mjs';

const MAIN = `import { Cluster, Fleet, Workspace, type WorkspaceProps } from 'slipway';

const props: WorkspaceProps = {
  resource: { instanceType: 'Standard_NC24ads_A100_v4' },
  inference: { preset: { name: 'phi-4-mini-instruct' } },
};
const fleet = new Fleet();
new Workspace(new Cluster(fleet, 'prod'), 'chat', props);
fleet.synth();
`;

const manifest = JSON.parse(
  execFileSync('npm', ['pkg', 'get', 'version', 'devDependencies'], { cwd: root, encoding: 'utf8' }),
);
const folder = mkdtempSync(join(tmpdir(), 'slipway-package-'));
const run = (program, args, env = {}) =>
  execFileSync(program, args, {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
const expect = (what, holds) => {
  if (!holds) throw new Error(`the installed package: ${what}`);
  console.log(`ok  ${what}`);
};

try {
  execFileSync('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  execFileSync(join(root, 'node_modules', '.bin', 'publint'), ['--strict', join(folder, tarball)], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  console.log('ok  publint');
  writeFileSync(join(folder, 'package.json'), '{ "name": "user", "version": "1.0.0", "private": true }\n');
  const version = (name) => `${name}@${manifest.devDependencies[name]}`;
  run('npm', [
    'install',
    '--silent',
    '--no-audit',
    '--no-fund',
    `./${tarball}`,
    ...['cdk8s', 'constructs', 'cdk8s-cli', 'tsx', 'typescript', '@types/node'].map(version),
  ]);
  expect('slipway --version', run('npx', ['slipway', '--version']).trim() === manifest.version);
  expect('catalog', JSON.parse(run('npx', ['slipway', 'catalog', 'models', '--json'])).length > 50);
  expect(
    'library',
    run('node', ['-e', "process.stdout.write(typeof require('slipway').Fleet)"]) === 'function',
  );
  expect(
    'schema for editors',
    run('node', [
      '-e',
      "process.stdout.write(require('slipway/schemas/workspace.schema.json').$schema)",
    ]).includes('json-schema.org'),
  );
  writeFileSync(join(folder, 'main.ts'), MAIN);
  writeFileSync(
    join(folder, 'cdk8s.yaml'),
    'language: typescript\napp: node -r tsx/cjs main.ts\noutput: .slipway/synth\n',
  );
  run('npx', [
    'tsc',
    '--noEmit',
    '--strict',
    '--module',
    'node16',
    '--moduleResolution',
    'node16',
    '--skipLibCheck',
    '--types',
    'node',
    'main.ts',
  ]);
  console.log('ok  types resolve');
  run('npx', ['cdk8s', 'synth'], { CDK8S_CHECK_UPGRADE: 'false' });
  expect(
    'cdk8s synth writes the tree',
    readdirSync(join(folder, 'gitops', 'prod', 'default', 'chat')).includes('deployment-chat.yaml'),
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
