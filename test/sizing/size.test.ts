import fc from 'fast-check';
import { expandLayers } from '../../src/catalog/layers';
import type { Placement, SizingRequest } from '../../src/sizing/placement';
import { cheapestFirst, size } from '../../src/sizing/size';
import { smallestFirst } from '../../src/sizing/smallest-first';
import { machine, machines, model, models } from './models';

const anyModel = fc.constantFrom(...models);
const anyMachine = fc.constantFrom(...machines);
const anyUtilization = fc.double({ min: 0.5, max: 0.92, noNaN: true });
const anyAdapters = fc.record({ count: fc.integer({ min: 1, max: 8 }), maxRank: fc.constantFrom(8, 16, 64) });

/** Requests with any of the optional wishes; an absent wish has no key. */
const anyRequest: fc.Arbitrary<SizingRequest> = fc.record(
  {
    model: anyModel,
    machines: fc.uniqueArray(anyMachine, { minLength: 1, maxLength: 3, selector: ({ name }) => name }),
    runtime: fc.constant<'vllm'>('vllm'),
    contextLength: fc.integer({ min: 1, max: 40_960 }),
    concurrency: fc.integer({ min: 1, max: 8 }),
    gpuMemoryUtilization: anyUtilization,
    adapters: anyAdapters,
  },
  { requiredKeys: ['model', 'machines', 'runtime'] },
);

function one(wishes: SizingRequest): Placement | undefined {
  return size(wishes).placements[0];
}

const llama = { model: model('llama-3.1-8b-instruct'), runtime: 'vllm' } as const;

describe('sizing', () => {
  it('accounts for every byte of the fullest GPU', () => {
    fc.assert(
      fc.property(anyRequest, (wishes) => {
        for (const { ledger, usableBytes } of size(wishes).placements) {
          expect(ledger.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(usableBytes);
          expect(ledger.every(({ bytes }) => Number.isSafeInteger(bytes) && bytes >= 0)).toBe(true);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('answers for every machine, in the order asked', () => {
    fc.assert(
      fc.property(anyRequest, (wishes) => {
        const { placements, misfits } = size(wishes);
        const rank = (name: string): number => wishes.machines.findIndex((each) => each.name === name);
        expect(placements.length + misfits.length).toBe(wishes.machines.length);
        const ranks = placements.map((placement) => rank(placement.machine.name));
        expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
      }),
    );
  });

  it('never gives more context for more concurrency in the same arrangement', () => {
    fc.assert(
      fc.property(anyModel, anyMachine, fc.integer({ min: 1, max: 16 }), (of, on, concurrency) => {
        const less = one({ model: of, machines: [on], runtime: 'vllm', nodes: 1, concurrency });
        const more = one({
          model: of,
          machines: [on],
          runtime: 'vllm',
          nodes: 1,
          concurrency: concurrency + 1,
        });
        // Where copies no longer hold as many sequences, one engine over all GPUs may hold longer ones.
        const arrangement = (placed: Placement | undefined) =>
          [placed?.tensorParallel, placed?.pipelineParallel, placed?.dataParallel].join();
        if (more && arrangement(more) === arrangement(less)) {
          expect(more.maxContext).toBeLessThanOrEqual(less?.maxContext ?? 0);
        }
      }),
    );
  });

  it('promises no more than 2,048 tokens where only the low estimates fit', () => {
    const ministral = model('ministral-3-14b-instruct-2512');
    const g5 = machine('g5.xlarge');
    const with7 = one({ model: ministral, machines: [g5], runtime: 'vllm', nodes: 1, concurrency: 7 });
    const with8 = one({ model: ministral, machines: [g5], runtime: 'vllm', nodes: 1, concurrency: 8 });
    expect(with8?.maxContext).toBe(2048);
    expect(with7?.maxContext).toBeGreaterThanOrEqual(2048);
  });

  it('needs no fewer nodes for a longer context', () => {
    fc.assert(
      fc.property(anyModel, anyMachine, fc.integer({ min: 2048, max: 200_000 }), (of, on, length) => {
        const contextLength = Math.min(length, of.maxContext);
        const short = one({
          model: of,
          machines: [on],
          runtime: 'vllm',
          contextLength: Math.min(2048, contextLength),
        });
        const long = one({ model: of, machines: [on], runtime: 'vllm', contextLength });
        if (long) expect(long.nodes).toBeGreaterThanOrEqual(short?.nodes ?? Infinity);
      }),
    );
  });

  it('gives the same answer to the same question', () => {
    fc.assert(
      fc.property(anyRequest, (wishes) => {
        expect(size(wishes)).toEqual(size(wishes));
      }),
      { numRuns: 30 },
    );
  });

  it('uses all GPUs of the nodes in a way that the model allows, for at least 2,048 tokens', () => {
    for (const of of models) {
      for (const placement of size({ model: of, machines, runtime: 'vllm' }).placements) {
        const { tensorParallel, pipelineParallel, dataParallel, nodes, gpusPerNode } = placement;
        expect(tensorParallel * pipelineParallel * dataParallel).toBe(nodes * gpusPerNode);
        expect(of.geometry.attentionHeads % tensorParallel).toBe(0);
        expect(pipelineParallel).toBeLessThanOrEqual(expandLayers(of.geometry.layers).length);
        expect(placement.maxContext).toBeGreaterThanOrEqual(Math.min(2048, of.maxContext));
      }
    }
  });

  it('runs copies of a small model on one node, as KAITO does', () => {
    const placement = one({ ...llama, machines: [machine('Standard_NC96ads_A100_v4')] });
    expect(placement).toMatchObject({ nodes: 1, tensorParallel: 1, pipelineParallel: 1, dataParallel: 4 });
  });

  it('divides a model that is too large for copies', () => {
    const placement = one({
      model: model('llama-3.3-70b-instruct'),
      machines: [machine('Standard_ND96isr_H100_v5')],
      runtime: 'vllm',
    });
    expect(placement).toMatchObject({ nodes: 1, tensorParallel: 8, pipelineParallel: 1, dataParallel: 1 });
  });

  it('takes a part of the node where the heads cannot be divided among all of it, and says so', () => {
    const placement = one({ model: model('phi-4'), machines: [machine('g6.12xlarge')], runtime: 'vllm' });
    expect(placement).toMatchObject({ nodes: 1, tensorParallel: 2, dataParallel: 2 });
    expect(placement?.notes?.join()).toContain('10 key-value heads');
  });

  it('says that a fit is close, and not that it does not fit, where only the low estimates let it', () => {
    const placement = one({
      model: model('deepseek-r1-0528'),
      machines: [machine('Standard_NC24ads_A100_v4')],
      runtime: 'vllm',
    });
    expect(placement).toMatchObject({ nodes: 11, pipelineParallel: 11 });
    expect(placement?.notes).toEqual([expect.stringMatching(/^a close fit: .* 0\.12 GiB would be missing/)]);
  });

  it('honours a count of nodes that the model can use', () => {
    const placement = one({ ...llama, machines: [machine('Standard_NC24ads_A100_v4')], nodes: 2 });
    expect(placement).toMatchObject({ nodes: 2, tensorParallel: 1, pipelineParallel: 2, dataParallel: 1 });
  });

  it('refuses a count of nodes that is too small, with what is missing', () => {
    const { misfits } = size({
      model: model('llama-3.3-70b-instruct'),
      machines: [machine('Standard_NC24ads_A100_v4')],
      runtime: 'vllm',
      nodes: 1,
    });
    expect(misfits[0]?.code).toBe('weights-too-large');
    expect(misfits[0]?.missingBytes).toBeGreaterThan(50 * 2 ** 30);
    expect(misfits[0]?.reason).toContain('GiB more on each GPU');
  });

  it('refuses more nodes than the model has layers', () => {
    const { misfits } = size({ ...llama, machines: [machine('Standard_NC24ads_A100_v4')], nodes: 33 });
    expect(misfits[0]).toMatchObject({ code: 'too-many-nodes' });
  });

  it('gives exactly the context that is asked for', () => {
    const placement = one({ ...llama, machines: [machine('g6.xlarge')], contextLength: 8000 });
    expect(placement?.maxContext).toBe(8000);
  });

  it.each([
    [{ contextLength: 131_073 }, 'context-too-long'],
    [{ contextLength: 0 }, 'bad-number'],
    [{ concurrency: 1.5 }, 'bad-number'],
    [{ nodes: -1 }, 'bad-number'],
    [{ gpuMemoryUtilization: 1.01 }, 'bad-number'],
    [{ gpuMemoryUtilization: Number.NaN }, 'bad-number'],
    [{ adapters: { count: 1, maxRank: 513 } }, 'bad-number'],
    [{ gpuMemoryUtilization: 0.999 }, 'utilization-too-high'],
  ])('refuses %j', (wish, code) => {
    const { misfits } = size({ ...llama, machines: [machine('Standard_NC24ads_A100_v4')], ...wish });
    expect(misfits.map((misfit) => misfit.code)).toEqual([code]);
  });

  it('refuses retired machine types with the date, and unfit ones with the reason', () => {
    const { misfits } = size({
      ...llama,
      machines: [machine('Standard_NC6s_v3'), machine('Standard_NC4as_T4_v3')],
    });
    expect(misfits.map(({ code, reason }) => [code, reason])).toEqual([
      ['machine-retired', 'Standard_NC6s_v3 was retired on 2025-09-30'],
      ['machine-unfit', expect.stringContaining('compute capability 7.5')],
    ]);
  });

  it('reserves memory for adapters, more for a larger rank', () => {
    const bytes = (maxRank: number): number =>
      one({ ...llama, machines: [machine('g6.xlarge')], adapters: { count: 2, maxRank } })?.ledger.find(
        ({ item }) => item === 'adapters',
      )?.bytes ?? 0;
    // Four attention and three MLP projections of 32 layers, and the output layer: 2 slots x rank x 2 bytes.
    expect(bytes(16)).toBe(2 * 16 * 2 * (32 * (2 * 8192 + 2 * 5120 + 3 * 18432) + 4096 + 128256));
    expect(bytes(64)).toBe(4 * bytes(16));
  });

  it('answers a search over all machine types in less than 0.3 ms for each', () => {
    const of = model('llama-3.3-70b-instruct');
    const search = (): number => size({ model: of, machines, runtime: 'vllm' }).placements.length;
    // The quickest of many rounds: what else the computer does is not measured.
    const rounds = Array.from({ length: 40 }, () => {
      const start = performance.now();
      search();
      return performance.now() - start;
    });
    expect(Math.min(...rounds) / machines.length).toBeLessThan(0.3);
  });
});

describe('the transformers runtime', () => {
  const transformers = { model: model('phi-3-mini-4k-instruct'), runtime: 'transformers' } as const;

  it('runs on one node, with a ledger that adds up', () => {
    const placement = one({ ...transformers, machines: [machine('g6.xlarge')] });
    expect(placement).toMatchObject({
      nodes: 1,
      tensorParallel: 1,
      pipelineParallel: 1,
      dataParallel: 1,
      maxContext: 4096,
    });
    expect(placement?.ledger.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(placement?.usableBytes);
  });

  it('refuses several nodes, and models that it does not run', () => {
    const { misfits } = size({ ...transformers, machines: [machine('g6.xlarge')], nodes: 2 });
    expect(misfits[0]?.code).toBe('single-node-only');
    const other = size({
      model: model('gemma-4-31b-it'),
      machines: [machine('g6.xlarge')],
      runtime: 'transformers',
    });
    expect(other.misfits[0]?.code).toBe('runtime-not-supported');
  });

  it('refuses weights that do not fit, with what is missing', () => {
    const { misfits } = size({
      model: model('llama-3.3-70b-instruct'),
      machines: [machine('g6.xlarge')],
      runtime: 'transformers',
    });
    expect(misfits[0]?.code).toBe('weights-too-large');
    expect(misfits[0]?.missingBytes).toBeGreaterThan(100 * 2 ** 30);
  });
});

describe('the order of placements', () => {
  const answer = size({ ...llama, machines });

  it('is by price, unknown prices last, then by nodes and name', () => {
    const ordered = cheapestFirst(answer);
    expect(ordered).toHaveLength(answer.placements.length);
    const prices = ordered.map(({ pricePerHour }) => pricePerHour ?? Infinity);
    expect(prices).toEqual(prices.toSorted((a, b) => a - b));
  });

  it('does not depend on the order of the machines', () => {
    const names = (list: readonly Placement[]): string[] => list.map((each) => each.machine.name);
    const reversed = size({ ...llama, machines: machines.toReversed() });
    expect(names(cheapestFirst(reversed))).toEqual(names(cheapestFirst(answer)));
    expect(names(smallestFirst(reversed))).toEqual(names(smallestFirst(answer)));
  });

  it('begins with the least GPU memory where the smallest is wanted', () => {
    const memory = smallestFirst(answer).map(
      ({ nodes, gpusPerNode, usableBytes }) => nodes * gpusPerNode * usableBytes,
    );
    expect(memory).toEqual(memory.toSorted((a, b) => a - b));
  });
});
