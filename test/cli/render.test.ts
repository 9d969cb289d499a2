import fs, { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Run, runMain } from './run-main';

const WORKSPACE = `apiVersion: kaito.sh/v1alpha1
kind: Workspace
metadata:
  name: workspace-phi-3-mini
resource:
  instanceType: Standard_NV36ads_A10_v5
  labelSelector:
    matchLabels:
      apps: phi-3
inference:
  preset:
    name: phi-3-mini-4k-instruct
`;
const CLUSTER = `apiVersion: slipway.dev/v1alpha1
kind: Cluster
metadata: { name: prod }
spec: { cloud: azure, nodeProvisioning: { kind: karpenter } }
`;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-render-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Run with `text` on standard input. */
async function piped(text: string, ...args: string[]): Promise<Run> {
  const read = fs.readFileSync;
  jest
    .spyOn(fs, 'readFileSync')
    .mockImplementation(((path: number | string, ...options: never[]) =>
      path === 0 ? Buffer.from(text) : read(path, ...options)) as typeof read);
  try {
    return await runMain(...args);
  } finally {
    jest.restoreAllMocks();
  }
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('slipway render', () => {
  it('prints one stream, and says which cluster it assumes', async () => {
    const { code, stdout, stderr } = await runMain('render', file('w.yaml', WORKSPACE));
    expect(code).toBe(0);
    expect(stdout).toContain('kind: Deployment');
    expect(stderr).toBe('no Cluster given: assuming AKS with Karpenter (cloud azure, applied by Argo CD)\n');
  });

  it('writes one object a file for the cluster that it is given', async () => {
    const out = join(folder, 'tree');
    const run = await runMain(
      'render',
      file('w.yaml', WORKSPACE),
      '--cluster',
      file('c.yaml', CLUSTER),
      '-o',
      out,
    );
    expect(run).toMatchObject({ code: 0, stdout: '' });
    const deployment = join(out, 'prod/default/workspace-phi-3-mini/deployment-workspace-phi-3-mini.yaml');
    expect(readFileSync(deployment, 'utf8')).toContain('kind: Deployment');
  });

  it('reads carriage returns and byte order marks as if they were not there', async () => {
    const plain = await runMain('render', file('w.yaml', WORKSPACE));
    const dressed = await runMain('render', file('w.yaml', `\ufeff${WORKSPACE.replaceAll('\n', '\r\n')}`));
    expect(dressed).toEqual(plain);
  });

  it('writes nothing for bad input, and says what it assumed', async () => {
    const out = join(folder, 'tree');
    const bad = file('w.yaml', WORKSPACE.replace('NV36ads_A10_v5', 'NC6s_v3'));
    const { code, stderr } = await runMain('render', bad, '-o', out);
    expect(code).toBe(2);
    expect(stderr).toContain('assuming AKS');
    expect(stderr).toContain(`${bad}:6:17  error  resource.instanceType: Standard_NC6s_v3 was retired`);
    expect(existsSync(out)).toBe(false);
  });

  it('tells the problems of a file in the order of its lines, whoever found them', async () => {
    const bad =
      WORKSPACE.replace('NV36ads_A10_v5', 'NC6s_v3') +
      '  adapters: [{source: {name: A_B, image: "a.io/b:1"}}]\n';
    const { stderr } = await runMain('render', file('w.yaml', bad));
    const lines = [...stderr.matchAll(/w\.yaml:(\d+):/g)].map(([, line]) => Number(line));
    expect(lines).toEqual([6, 13]);
  });

  it('looks at nothing else when the Cluster cannot be read', async () => {
    const cluster = file('c.yaml', CLUSTER.replace('karpenter', 'ownNodes').replace('azure', 'gcp'));
    const { code, stderr } = await runMain('render', file('w.yaml', WORKSPACE), '--cluster', cluster);
    expect(code).toBe(2);
    expect(stderr).toContain('spec.nodeProvisioning.gpu: is required');
    expect(stderr).toContain('\n1 error\n');
  });

  it('reads standard input beside files', async () => {
    const run = await piped(
      WORKSPACE.replace('phi-3-mini\n', 'piped\n'),
      'render',
      file('w.yaml', WORKSPACE),
      '-',
    );
    expect(run.code).toBe(0);
    expect(run.stdout).toContain('name: workspace-piped\n');
    expect(run.stdout).toContain('name: workspace-phi-3-mini\n');
  });

  it('takes the Cluster from a file that is among the Workspace files', async () => {
    const both = file('both.yaml', `${CLUSTER}---\n${WORKSPACE}`);
    const run = await runMain('render', both, '--cluster', both);
    expect(run).toMatchObject({ code: 0, stderr: '' });
  });

  it('says that it does not render a Workspace beside the Cluster', async () => {
    const both = file('both.yaml', `${CLUSTER}---\n${WORKSPACE.replace('workspace-phi', 'other')}`);
    const { code, stdout, stderr } = await runMain('render', file('w.yaml', WORKSPACE), '--cluster', both);
    expect(code).toBe(0);
    expect(stdout).not.toContain('other-3-mini');
    expect(stderr).toContain('Workspace default/other-3-mini stands in the file given with --cluster');
  });

  it('reads the Cluster from standard input, too', async () => {
    const run = await piped(CLUSTER, 'render', file('w.yaml', WORKSPACE), '--cluster', '-');
    expect(run).toMatchObject({ code: 0, stderr: '' });
    const both = await piped(`${CLUSTER}---\n${WORKSPACE}`, 'render', '-', '--cluster', '-');
    expect(both).toEqual(run);
  });

  it('says that standard input holds no Cluster, by its name', async () => {
    for (const files of [[file('w.yaml', WORKSPACE)], ['-']]) {
      const { code, stderr } = await piped(WORKSPACE, 'render', ...files, '--cluster', '-');
      expect(code).toBe(2);
      expect(stderr).toContain('<stdin>:1:1  error  kind: the file given with --cluster holds no Cluster');
    }
  });

  it('refuses files without a Workspace, since a folder would then be emptied', async () => {
    const run = await runMain('render', file('c.yaml', CLUSTER), '-o', join(folder, 'tree'));
    expect(run.code).toBe(2);
    expect(run.stderr).toContain('c.yaml:1:1  error  there is no Workspace in what was read  no-workspace');
  });

  it('refuses a folder as the Cluster', async () => {
    const { code, stderr } = await runMain('render', file('w.yaml', WORKSPACE), '--cluster', folder);
    expect(code).toBe(2);
    expect(stderr).toContain('is a folder, not a file');
  });

  it('reports one name in two files once', async () => {
    const run = await runMain('render', file('a.yaml', WORKSPACE), file('b.yaml', WORKSPACE));
    expect(run.code).toBe(2);
    expect(run.stderr).toContain(
      'b.yaml:4:9  error  metadata.name: Workspace default/workspace-phi-3-mini stands in',
    );
    expect(run.stderr).toContain('\n1 error\n');
  });

  it.each([[['render']], [['render', '--nonsense', 'x']], [['nonsense']]])(
    'ends with 2 for %j',
    async (args) => {
      expect((await runMain(...args)).code).toBe(2);
    },
  );
});
