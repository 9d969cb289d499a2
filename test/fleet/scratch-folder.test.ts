import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cluster, Fleet, Workspace } from '../../src';

let folder: string;
let printed: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-scratch-'));
  printed = '';
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
});

afterEach(() => {
  jest.restoreAllMocks();
  delete process.env['CDK8S_OUTDIR'];
  rmSync(folder, { recursive: true });
});

function synth(outdir: string): void {
  const fleet = new Fleet({ outdir });
  new Workspace(new Cluster(fleet, 'prod'), 'chat', {
    resource: { instanceType: 'Standard_NC24ads_A100_v4' },
    inference: { preset: { name: 'phi-4-mini-instruct' } },
  });
  fleet.synth();
}

test("the cdk8s CLI's own folder gets one stream, and the tree is elsewhere", () => {
  process.env['CDK8S_OUTDIR'] = join(folder, 'scratch');
  synth(join(folder, 'tree'));
  expect(existsSync(join(folder, 'scratch/fleet.k8s.yaml'))).toBe(true);
  expect(existsSync(join(folder, 'tree/prod/default/chat/service-chat.yaml'))).toBe(true);
  expect(printed).not.toContain('warning');
});

test('a cdk8s.yaml whose output is the tree is warned of: cdk8s empties it before each run', () => {
  process.env['CDK8S_OUTDIR'] = join(folder, 'tree');
  synth(join(folder, 'tree'));
  expect(printed).toContain('name a scratch folder in cdk8s.yaml');
  expect(existsSync(join(folder, 'tree/prod/default/chat/service-chat.yaml'))).toBe(true);
  expect(existsSync(join(folder, 'tree/fleet.k8s.yaml'))).toBe(false);
});
