import { Ajv } from 'ajv';
import type { MachineType } from '../../src/catalog/machine';
import type { CatalogModel } from '../../src/catalog/model';
import { runMain } from './run-main';

/** Run `slipway catalog` in this process. */
const run = (...args: string[]) => runMain('catalog', ...args);

async function models(...args: string[]): Promise<CatalogModel[]> {
  return JSON.parse((await run('models', '--json', ...args)).stdout) as CatalogModel[];
}

async function machines(...args: string[]): Promise<MachineType[]> {
  return JSON.parse((await run('machines', '--json', ...args)).stdout) as MachineType[];
}

describe('slipway catalog models', () => {
  test('prints a JSON array of presets with names', async () => {
    const { code, stdout, stderr } = await run('models', '--json');
    expect([code, stderr]).toEqual([0, '']);
    const validate = new Ajv().compile({
      type: 'array',
      minItems: 60,
      maxItems: 60,
      items: { type: 'object', required: ['name', 'weightBytes', 'maxContext'] },
    });
    expect(validate(JSON.parse(stdout))).toBe(true);
  });

  test('lists one model a line, with its figures', async () => {
    const { stdout } = await run('models', 'phi-4-mini');
    const [head, line, ...rest] = stdout.trimEnd().split('\n');
    expect(head).toMatch(/^NAME +WEIGHTS GiB +CONTEXT/);
    expect(line).toMatch(/^phi-4-mini-instruct +7\.2 +131,072 .*yes +unknown +mit$/);
    expect(rest).toEqual([]);
  });

  test('writes no colours where no terminal is', async () => {
    const { stdout } = await run('models');
    expect(stdout).not.toContain('\u001b');
  });

  test('finds text in names, aliases and Hugging Face ids', async () => {
    expect((await models('Microsoft/')).every((model) => model.huggingFaceId.startsWith('microsoft/'))).toBe(
      true,
    );
    expect((await models('gemma-3-4b-instruct')).map(({ name }) => name)).toEqual(['gemma-3-4b-it']);
  });

  test('filters by runtime, licence, gate, tuning and size', async () => {
    expect(await models('--runtime', 'transformers')).toHaveLength(20);
    expect((await models('--license', 'GEMMA')).map(({ name }) => name)).toEqual([
      'gemma-3-27b-it',
      'gemma-3-4b-it',
    ]);
    expect(await models('--gated', 'yes')).toHaveLength(4);
    expect(await models('--tunable')).toHaveLength(10);
    expect(await models('--tunable', '--weights-image')).toHaveLength(9);
    expect(await models('--weights-image', '--gated', 'yes')).toEqual([]);
    expect((await models('--fits-memory', '5')).map(({ name }) => name)).toEqual([
      'ministral-3-3b-instruct-2512',
      'qwen3.5-2b',
    ]);
  });

  test('lists retired names when asked, with what to use instead', async () => {
    expect(await models('--all')).toHaveLength(71);
    const { stdout } = await run('models', 'falcon-40b', '--all');
    expect(stdout).toMatch(/^falcon-40b +retired$/m);
    expect(stdout).toMatch(/^falcon-40b-instruct +retired: use gemma-4-31b-it$/m);
  });

  test('prints nothing but a message when nothing matches', async () => {
    expect(await run('models', 'nothing-like-it')).toEqual({
      code: 0,
      stdout: '',
      stderr: 'no model matches\n',
    });
    expect((await run('models', 'nothing-like-it', '--json')).stdout).toBe('[]\n');
  });

  test.each([
    ['--gated', 'maybe'],
    ['--runtime', 'ollama'],
    ['--fits-memory', 'much'],
    ['--fits-memory', '-1'],
    ['--presets', '/nowhere/at/all'],
  ])('refuses %s %s with exit code 2 and an empty stdout', async (...args) => {
    const { code, stdout, stderr } = await run('models', ...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).not.toBe('');
  });
});

describe('slipway catalog machines', () => {
  test('prints a JSON array of machine types that a model can be placed on', async () => {
    const listed = await machines();
    expect(listed.every(({ unfit, status }) => unfit === null && status !== 'retired')).toBe(true);
    expect(listed.map(({ name }) => name)).toContain('Standard_NC24ads_A100_v4');
  });

  test('says how many it does not list', async () => {
    const { stderr } = await run('machines', '--cloud', 'azure');
    expect(stderr).toBe('47 retired, renamed or unfit machine types are not listed: see --all\n');
  });

  test('lists all of them when asked, with the reason against them', async () => {
    expect(await machines('--all')).toHaveLength(159);
    const { stdout } = await run('machines', 'NC6s', '--all');
    expect(stdout).toMatch(
      /^Standard_NC6s_v3 .*eastus 2026-06-18 +retired 2025-09-30; unfit: .*capability 7\.0/m,
    );
  });

  test('filters by cloud, GPU and memory', async () => {
    const listed = await machines('--cloud', 'aws', '--gpu', 'h100', '--fits-memory', '600');
    expect(listed.map(({ name }) => name)).toEqual(['p5.48xlarge']);
  });

  test('refuses a cloud that it does not know', async () => {
    expect((await run('machines', '--cloud', 'ibm')).code).toBe(2);
  });
});
