import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { loadCatalog } from '../../src/catalog/catalog';
import { PACKAGED_FOLDER } from '../../src/catalog/packaged';
import { InvalidInputError, type Problem } from '../../src/spec/problem';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'presets-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const PHI = readFileSync(join(PACKAGED_FOLDER, 'models', 'phi-4.yaml'), 'utf8')
  .replace('name: phi-4', 'name: our-phi')
  .replace('huggingFaceId: microsoft/phi-4', 'huggingFaceId: example/our-phi');

const MACHINES = `cloud: azure
price: { region: eastus, date: '2026-01-31', source: 'a contract' }
gpus:
  L40S:
    vendor: nvidia
    computeCapability: 8.9
    nominalBytes: 51539607552
    usableBytes: 47663399567
    provenance: { confidence: measured, source: 'nvidia-smi' }
machines:
  - { name: Standard_Own_L40S, gpu: L40S, count: 2, vcpus: 64, memoryBytes: 412316860416, perHour: 4.5 }
`;

function write(path: string, text: string | Buffer): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

function problemsOf(load: () => unknown): readonly Problem[] {
  try {
    load();
  } catch (error) {
    if (error instanceof InvalidInputError) return error.problems;
    throw error;
  }
  throw new Error('no problem was found');
}

describe("the user's own presets", () => {
  test('are found beside the packaged ones', () => {
    write('models/our-phi.yaml', PHI);
    write('machines/azure.yaml', MACHINES);
    const catalog = loadCatalog(folder);
    expect(catalog.model('Example/Our-Phi')?.name).toBe('our-phi');
    expect(catalog.models()).toHaveLength(72);
    expect(catalog.nearestModels('our-phy')[0]).toBe('our-phi');
    expect(catalog.machine('azure', 'standard_own_l40s')).toMatchObject({
      gpu: { count: 2, model: 'L40S' },
      price: { perHour: 4.5, region: 'eastus', date: '2026-01-31' },
      unfit: null,
    });
    expect(catalog.machines('azure')).toHaveLength(61);
  });

  test('may be models only', () => {
    write('models/our-phi.yaml', PHI);
    expect(loadCatalog(folder).model('our-phi')?.status).toBe('current');
  });

  test('are refused with every problem of every file, each at its place', () => {
    write('models/a.yaml', PHI.replace('maxContext: 16384', 'maxContext: many').replace('gated:', 'gatd:'));
    write('models/b.yaml', 'name: [');
    write('machines/m.yaml', MACHINES.replace('gpu: L40S', 'gpu: L40'));
    const problems = problemsOf(() => loadCatalog(folder));
    const found = problems.map(({ code, field }) => `${code} ${field}`);
    expect(found).toEqual(
      expect.arrayContaining([
        'unknown-field gatd',
        'missing-field gated',
        'wrong-type maxContext',
        'unknown-gpu machines[0].gpu',
      ]),
    );
    expect(problems.some(({ code }) => code === 'malformed-yaml')).toBe(true);
    const line = PHI.split('\n').findIndex((text) => text.startsWith('maxContext')) + 1;
    expect(problems.find(({ field }) => field === 'maxContext')?.position).toEqual({
      file: join(folder, 'models', 'a.yaml'),
      line,
      column: 13,
    });
  });

  test('must not take a name that a model has, in whatever letter case', () => {
    write('models/a.yaml', PHI.replace('name: our-phi', 'name: phi-4'));
    write(
      'models/b.yaml',
      PHI.replace('aliases: []', 'aliases: [mistral-7b]').replace('name: our-phi', 'name: b'),
    );
    const problems = problemsOf(() => loadCatalog(folder));
    expect(problems.map(({ code, field }) => `${code} ${field}`)).toEqual([
      'duplicate-preset name',
      'duplicate-preset aliases[0]',
      'duplicate-preset huggingFaceId',
    ]);
    expect(problems[0]?.message).toBe('"phi-4" is taken by model phi-4 of the catalogue');
    expect(problems[2]?.message).toBe(`"example/our-phi" is taken by ${join(folder, 'models', 'a.yaml')}`);
  });

  test('must not take the name of a machine type of the same cloud', () => {
    write('machines/m.yaml', MACHINES.replace('Standard_Own_L40S', 'standard_nc24ads_a100_v4'));
    expect(problemsOf(() => loadCatalog(folder)).map(({ code }) => code)).toEqual(['duplicate-preset']);
    write('machines/m.yaml', MACHINES.replace('Standard_Own_L40S', 'g5.xlarge'));
    expect(loadCatalog(folder).machine('azure', 'g5.xlarge')?.gpu.model).toBe('L40S');
  });

  test('need figures that agree with each other', () => {
    write(
      'models/a.yaml',
      PHI.replace('kind: full', 'kind: sliding').replace('intermediateSize: 17920', 'intermediateSize: null'),
    );
    expect(problemsOf(() => loadCatalog(folder)).map(({ code, field }) => `${code} ${field}`)).toEqual([
      'unused-field geometry.full',
      'missing-field geometry.sliding',
      'missing-field geometry.intermediateSize',
    ]);
  });

  test.each([
    ['an empty file', '', 'empty-file'],
    ['two documents', `${PHI}---\n${PHI}`, 'several-documents'],
    ['bytes that are not UTF-8', Buffer.from([0x6e, 0xff, 0xfe]), 'not-utf-8'],
    ['a list', '- a\n', 'wrong-type'],
  ])('are refused when a file holds %s', (_what, content, code) => {
    write('models/a.yaml', content);
    expect(problemsOf(() => loadCatalog(folder)).map((problem) => problem.code)).toContain(code);
  });

  test('are refused when a file is a folder', () => {
    mkdirSync(join(folder, 'models', 'a.yaml'), { recursive: true });
    expect(problemsOf(() => loadCatalog(folder)).map(({ message }) => message)).toEqual(['is a folder']);
  });

  test('are refused when the folder has none', () => {
    expect(problemsOf(() => loadCatalog(folder)).map(({ code }) => code)).toEqual(['no-presets']);
    expect(problemsOf(() => loadCatalog(join(folder, 'nowhere'))).map(({ code }) => code)).toEqual([
      'no-presets',
    ]);
  });
});
