import { runMain } from './run-main';

/** Run `slipway size` in this process. */
const run = (...args: string[]) => runMain('size', ...args);

interface Answer {
  readonly machine: string | null;
  readonly fits: boolean;
  readonly nodes: number | null;
  readonly maxContext: number | null;
  readonly kvTokens: number | null;
  readonly usableBytes: number | null;
  readonly ledger: readonly { readonly item: string; readonly bytes: number }[];
  readonly pricePerHour: number | null;
  readonly alternatives: readonly { readonly machine: string; readonly pricePerHour: number | null }[];
  readonly reason: string | null;
}

async function json(...args: string[]): Promise<Answer> {
  return JSON.parse((await run(...args, '--json')).stdout) as Answer;
}

const FIELDS = [
  'model',
  'machine',
  'fits',
  'nodes',
  'gpusPerNode',
  'tensorParallel',
  'pipelineParallel',
  'dataParallel',
  'maxContext',
  'kvTokens',
  'usableBytes',
  'ledger',
  'pricePerHour',
  'alternatives',
  'reason',
];

describe('slipway size', () => {
  test('prints the fields that others rely on, whether it fits or not', async () => {
    const fits = await json('-m', 'llama-3.1-8b-instruct', '--machine', 'Standard_NC24ads_A100_v4');
    const misfit = await json(
      '-m',
      'llama-3.3-70b-instruct',
      '--machine',
      'Standard_NC24ads_A100_v4',
      '--nodes',
      '1',
    );
    const unknown = await json('-m', 'llama-9');
    for (const answer of [fits, misfit, unknown]) expect(Object.keys(answer)).toEqual(FIELDS);
    expect([fits.reason, fits.fits, misfit.fits, unknown.fits]).toEqual([null, true, false, false]);
  });

  test('accounts for every byte', async () => {
    const { ledger, usableBytes } = await json(
      '-m',
      'gemma-4-31b-it',
      '--machine',
      'Standard_NC80adis_H100_v5',
    );
    expect(ledger.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(usableBytes);
    expect(ledger.every((line) => Object.keys(line).join() === 'item,bytes')).toBe(true);
  });

  test('ends with 0 where the model fits and with 2 where it does not', async () => {
    const one = ['-m', 'llama-3.3-70b-instruct', '--machine', 'Standard_NC24ads_A100_v4'];
    expect([(await run(...one)).code, (await run(...one, '--nodes', '1')).code]).toEqual([0, 2]);
  });

  test('finds the cheapest machine type of a cloud, and offers others by price', async () => {
    const { machine, pricePerHour, alternatives } = await json(
      '-m',
      'llama-3.1-8b-instruct',
      '--cloud',
      'gcp',
    );
    expect(machine).toBe('g2-standard-4');
    const prices = [pricePerHour, ...alternatives.map((each) => each.pricePerHour)].map(
      (price) => price ?? Infinity,
    );
    expect(prices).toEqual(prices.toSorted((a, b) => a - b));
  });

  test('knows the cloud by the machine type', async () => {
    const { machine, alternatives } = await json('-m', 'phi-4', '--machine', 'P5.48xlarge');
    expect(machine).toBe('p5.48xlarge');
    expect(alternatives[0]?.machine).toMatch(/^g/);
  });

  test('honours context, concurrency, nodes and utilization', async () => {
    const on = ['-m', 'llama-3.1-8b-instruct', '--machine', 'Standard_NC24ads_A100_v4'];
    expect(await json(...on, '--context', '9000')).toMatchObject({ maxContext: 9000, nodes: 1 });
    expect(await json(...on, '--nodes', '2')).toMatchObject({ nodes: 2 });
    const plain = await json(...on, '--concurrency', '8');
    const less = await json(...on, '--concurrency', '8', '--gpu-memory-utilization', '0.5');
    expect(less.maxContext).toBeLessThan(plain.maxContext ?? 0);
  });

  test('answers for a retired machine type with the date and the smallest that fits', async () => {
    const { code, stdout } = await run('-m', 'phi-3-mini-4k-instruct', '--machine', 'Standard_NC6s_v3');
    expect(code).toBe(2);
    expect(stdout).toContain(
      'Standard_NC6s_v3 was retired on 2025-09-30; the smallest current type that fits is Standard_N',
    );
  });

  test('offers names near an unknown model and machine type', async () => {
    const { code, stderr } = await run('-m', 'gemma-4-31b', '--machine', 'Standard_NC24ads_A100_v5');
    expect(code).toBe(2);
    expect(stderr).toContain('did you mean gemma-4-31b-it');
    expect(stderr).toContain('did you mean Standard_NC24ads_A100_v4');
  });

  test('tells everything that is wrong at once', async () => {
    const { code, stdout, stderr } = await run(
      ...['-m', 'llama-9', '--cloud', 'mars', '--context', '4k', '--concurrency', '0', '--nodes', '1.5'],
      ...['--runtime', 'tgi', '--gpu-memory-utilization', '84'],
    );
    expect([code, stdout]).toEqual([2, '']);
    const lines = stderr.trimEnd().split('\n');
    expect(lines).toHaveLength(7);
    expect(lines.every((line) => line.startsWith('error: --'))).toBe(true);
  });

  test('says which cloud a machine type belongs to where another is named', async () => {
    const { code, stderr } = await run('-m', 'phi-4', '--machine', 'g5.xlarge', '--cloud', 'azure');
    expect([code, stderr]).toEqual([
      2,
      'error: --machine g5.xlarge is a machine type of aws, and --cloud is azure: leave --cloud out, or name a type of azure\n',
    ]);
  });

  test("honours the options of vLLM's engine", async () => {
    const on = ['-m', 'llama-3.1-8b-instruct', '--machine', 'Standard_NC40ads_H100_v5'];
    const plain = await json(...on);
    const tokens = async (...options: string[]): Promise<number> =>
      (await json(...on, ...options)).kvTokens ?? 0;
    expect(await tokens('--performance-mode', 'throughput')).toBeLessThan(plain.kvTokens ?? 0);
    expect(await tokens('--kv-cache-dtype', 'fp8')).toBeGreaterThan(1.9 * (plain.kvTokens ?? 0));
    expect(await tokens('--enforce-eager')).toBeGreaterThan(plain.kvTokens ?? 0);
    expect(await tokens('--max-num-seqs', '8', '--max-num-batched-tokens', '2048')).toBeGreaterThan(
      plain.kvTokens ?? 0,
    );
    const { code, stderr } = await run(...on, '--kv-cache-dtype', 'fp3', '--performance-mode', 'fast');
    expect(code).toBe(2);
    expect(stderr).toContain('--kv-cache-dtype is "fp3"; allowed are auto,');
    expect(stderr).toContain('--performance-mode is "fast"; allowed are balanced, interactivity, throughput');
  });

  test('refuses a retired model with what replaces it', async () => {
    const { code, stderr } = await run('-m', 'llama-2-7b');
    expect([code, stderr]).toEqual([2, expect.stringMatching(/llama-2-7b cannot be served any more/)]);
  });

  test('needs a model', async () => {
    expect((await run()).code).toBe(2);
  });

  test('prints facts, ledger and alternatives for people, without colours to a file', async () => {
    const { stdout } = await run('-m', 'gemma-4-31b-it', '--machine', 'Standard_NC80adis_H100_v5');
    for (const part of ['tensor 2', 'largest context', 'KV cache', 'outside utilization', 'USD/HOUR']) {
      expect(stdout).toContain(part);
    }
    expect(stdout).not.toContain('\u001b[');
  });
});
