import { loadCatalog } from '../../src/catalog/catalog';

const catalog = loadCatalog();

/** The names that KAITO accepted besides those of its catalogue, with the catalogue's name. */
const LEGACY_ALIASES: readonly (readonly [string, string])[] = [
  ['deepseek-r1-0528', 'deepseek-r1-0528'],
  ['deepseek-r1-distill-llama-8b', 'deepseek-r1-distill-llama-8b'],
  ['deepseek-r1-distill-qwen-14b', 'deepseek-r1-distill-qwen-14b'],
  ['deepseek-v3-0324', 'deepseek-v3-0324'],
  ['gemma-3-27b-instruct', 'gemma-3-27b-it'],
  ['gemma-3-4b-instruct', 'gemma-3-4b-it'],
  ['gpt-oss-120b', 'gpt-oss-120b'],
  ['gpt-oss-20b', 'gpt-oss-20b'],
  ['llama-3.1-8b-instruct', 'llama-3.1-8b-instruct'],
  ['llama-3.3-70b-instruct', 'llama-3.3-70b-instruct'],
  ['ministral-3-14b-instruct', 'ministral-3-14b-instruct-2512'],
  ['ministral-3-3b-instruct', 'ministral-3-3b-instruct-2512'],
  ['ministral-3-8b-instruct', 'ministral-3-8b-instruct-2512'],
  ['mistral-7b', 'mistral-7b-v0.3'],
  ['mistral-7b-instruct', 'mistral-7b-instruct-v0.3'],
  ['mistral-large-3-675b-instruct', 'mistral-large-3-675b-instruct-2512'],
  ['phi-3-medium-128k-instruct', 'phi-3-medium-128k-instruct'],
  ['phi-3-medium-4k-instruct', 'phi-3-medium-4k-instruct'],
  ['phi-3-mini-128k-instruct', 'phi-3-mini-128k-instruct'],
  ['phi-3-mini-4k-instruct', 'phi-3-mini-4k-instruct'],
  ['phi-3.5-mini-instruct', 'phi-3.5-mini-instruct'],
  ['phi-4', 'phi-4'],
  ['phi-4-mini-instruct', 'phi-4-mini-instruct'],
  ['qwen2.5-coder-32b-instruct', 'qwen2.5-coder-32b-instruct'],
  ['qwen2.5-coder-7b-instruct', 'qwen2.5-coder-7b-instruct'],
];

describe('a model', () => {
  test.each(LEGACY_ALIASES)('is found by the legacy name %s', (alias, name) => {
    expect(catalog.model(alias)?.name).toBe(name);
  });

  test('is found by its Hugging Face id and in any letter case', () => {
    expect(catalog.model('google/gemma-3-4b-it')?.name).toBe('gemma-3-4b-it');
    expect(catalog.model('MICROSOFT/phi-4')?.name).toBe('phi-4');
    expect(catalog.model('Phi-4')?.name).toBe('phi-4');
    expect(catalog.model('Mistral-7B')?.name).toBe('mistral-7b-v0.3');
  });

  test('that is retired is found as such, with what to use instead', () => {
    expect(catalog.model('llama-2-7b-chat')).toMatchObject({
      status: 'retired',
      replacement: 'llama-3.1-8b-instruct',
    });
    expect(catalog.model('tiiuae/falcon-7b')?.status).toBe('retired');
  });

  test('that nobody knows is not found, and neither is a path', () => {
    expect(catalog.model('no-such-model')).toBeUndefined();
    expect(catalog.model('../models/phi-4')).toBeUndefined();
    expect(catalog.model('')).toBeUndefined();
  });

  test('is one object, however often it is asked for', () => {
    expect(catalog.model('phi-4')).toBe(catalog.model('microsoft/phi-4'));
  });

  test('is gated where access to its repository is granted on request only', () => {
    const gated = catalog.models().filter((model) => model.status === 'current' && model.gated === 'yes');
    expect(gated.map((model) => model.name)).toEqual([
      'gemma-3-27b-it',
      'gemma-3-4b-it',
      'llama-3.1-8b-instruct',
      'llama-3.3-70b-instruct',
    ]);
  });
});

describe('models that are near to a name', () => {
  test('are those that a slip of the hand may have meant', () => {
    expect(catalog.nearestModels('phi-3-mini-4k-instuct')[0]).toBe('phi-3-mini-4k-instruct');
    expect(catalog.nearestModels('microsoft/Phi4')).toContain('phi-4');
  });

  test('are those that begin with it', () => {
    expect(catalog.nearestModels('llama-3.1')).toEqual(['llama-3.1-8b-instruct']);
  });

  test('are never retired ones', () => {
    for (const name of catalog.nearestModels('llama-2-7b')) {
      expect(catalog.model(name)?.status).toBe('current');
    }
  });

  test('are none when nothing is near, and three at most', () => {
    expect(catalog.nearestModels('zzzzzzzzzzzz')).toEqual([]);
    expect(catalog.nearestModels('phi').length).toBeLessThanOrEqual(3);
  });
});

describe('a machine type', () => {
  test('is found by the name that KAITO has for it', () => {
    expect(catalog.machine('azure', 'Standard_ND96asr_A100_v4')?.name).toBe('Standard_ND96asr_v4');
  });

  test('is found in any letter case, in its own cloud only', () => {
    expect(catalog.machine('azure', 'standard_nc24ads_a100_V4')?.name).toBe('Standard_NC24ads_A100_v4');
    expect(catalog.machine('aws', 'Standard_NC24ads_A100_v4')).toBeUndefined();
  });

  test('that is retired says when it was', () => {
    expect(catalog.machine('azure', 'Standard_NC6s_v3')).toMatchObject({
      status: 'retired',
      retirementDate: '2025-09-30',
    });
  });

  test('has the nominal GPU memory that KAITO counts with, and what the driver reports', () => {
    const machine = catalog.machine('aws', 'g5.xlarge');
    expect(machine?.gpu.nominalBytes).toBe(24 * 2 ** 30);
    expect((machine?.gpu.usableBytes ?? 0) / 2 ** 30).toBeCloseTo(22.05, 2);
    expect(machine?.gpu.provenance.confidence).toBe('measured');
  });

  test.each([
    ['azure', 'Standard_NC4as_T4_v3', /compute capability 7\.5/],
    ['azure', 'Standard_ND96isr_MI300X_v5', /not NVIDIA's/],
    ['azure', 'Standard_ND128isr_NDR_GB200_v6', /arm64/],
    ['azure', 'Standard_NV6ads_A10_v5', /a fraction of a GPU \(0\.1667\)/],
    ['azure', 'Standard_NC24lds_xl_RTXPRO6000BSE_v6', /not known/],
    ['aws', 'g6f.large', /a fraction of a GPU \(0\.125\)/],
    ['gcp', 'g4-standard-12', /a fraction of a GPU \(0\.25\)/],
  ] as const)('of %s named %s is unfit, and says why', (cloud, name, reason) => {
    expect(catalog.machine(cloud, name)?.unfit).toMatch(reason);
  });

  test('that is current and fit has everything that sizing asks for', () => {
    for (const machine of catalog.machines()) {
      if (machine.status === 'retired' || machine.unfit !== null) continue;
      expect(machine.gpu.usableBytes).not.toBeNull();
      expect(machine.gpu.nominalBytes).not.toBeNull();
      expect(Number.isInteger(machine.gpu.count)).toBe(true);
    }
  });

  test.each([
    // From the price lists that the files name.
    ['azure', 'Standard_NC24ads_A100_v4', 3.673, 'eastus', '2026-06-18'],
    ['aws', 'p5.48xlarge', 55.04, 'us-east-1', '2026-07-20'],
    ['gcp', 'a3-megagpu-8g', 92.9376, 'us-east4', '2026-08-03'],
  ] as const)('of %s named %s costs %d US dollars an hour', (cloud, name, perHour, region, date) => {
    expect(catalog.machine(cloud, name)?.price).toMatchObject({ perHour, region, date });
  });
});

describe('machine types', () => {
  test('are those of one cloud, or of all', () => {
    expect(catalog.clouds()).toEqual(['azure', 'aws', 'gcp']);
    expect(catalog.clouds().map((cloud) => catalog.machines(cloud).length)).toEqual([60, 68, 31]);
    expect(catalog.machines()).toHaveLength(159);
  });

  test('that are near to a name are current ones', () => {
    expect(catalog.nearestMachines('azure', 'Standard_NC24ads_A100_v5')[0]).toBe('Standard_NC24ads_A100_v4');
    expect(catalog.nearestMachines('azure', 'Standard_NC6s_v3')).not.toContain('Standard_NC12s_v3');
    expect(catalog.nearestMachines('aws', 'something-else-entirely')).toEqual([]);
  });
});
