import fc from 'fast-check';
import { cheapestFirst } from '../../src/sizing/cheapest-first';
import type { LedgerLine } from '../../src/sizing/placement';
import { loraParameters } from '../../src/sizing/training/lora-parameters';
import { trainingUse } from '../../src/sizing/training/ledger';
import type { TrainingRequest } from '../../src/sizing/training/request';
import { sizeTraining } from '../../src/sizing/training/size-training';
import { machine, machines, model, models } from './models';

const tunable = models.filter((each) => each.tuning.supported);
const GIB = 2 ** 30;

function request(changes: Partial<TrainingRequest> = {}): TrainingRequest {
  const of = changes.model ?? model('phi-4-mini-instruct');
  return {
    model: of,
    machines: [machine('Standard_NC24ads_A100_v4')],
    quantization: '4bit-double',
    lora: { rank: 8, targetModules: of.tuning.targetModules ?? null },
    sequenceLength: 1024,
    batchSize: 1,
    gradientCheckpointing: true,
    optimizerStates: 2,
    wholeLogits: false,
    evaluationBatchSize: 0,
    ...changes,
  };
}

const anyRequest: fc.Arbitrary<TrainingRequest> = fc
  .record({
    model: fc.constantFrom(...tunable),
    quantization: fc.constantFrom('none' as const, '8bit' as const, '4bit' as const, '4bit-double' as const),
    rank: fc.integer({ min: 1, max: 256 }),
    sequenceLength: fc.integer({ min: 1, max: 4096 }),
    batchSize: fc.integer({ min: 1, max: 16 }),
    gradientCheckpointing: fc.boolean(),
    optimizerStates: fc.integer({ min: 0, max: 2 }),
    wholeLogits: fc.boolean(),
    evaluationBatchSize: fc.integer({ min: 0, max: 8 }),
  })
  .map(({ rank, ...rest }) => ({
    ...rest,
    machines: [],
    lora: { rank, targetModules: rest.model.tuning.targetModules ?? null },
  }));

function total(lines: readonly LedgerLine[]): number {
  return lines.reduce((sum, { bytes }) => sum + bytes, 0);
}

function bytesOf(lines: readonly LedgerLine[], item: string): number {
  return lines.find((each) => each.item === item)?.bytes ?? 0;
}

it('accounts for every byte of a GPU', () => {
  fc.assert(
    fc.property(anyRequest, fc.constantFrom(...machines), (asked, on) => {
      for (const { ledger, usableBytes } of sizeTraining({ ...asked, machines: [on] }).placements) {
        expect(total(ledger)).toBe(usableBytes);
        expect(ledger.every(({ bytes }) => Number.isSafeInteger(bytes) && bytes >= 0)).toBe(true);
      }
    }),
  );
});

it('says of a misfit exactly what is missing', () => {
  fc.assert(
    fc.property(anyRequest, fc.constantFrom(...machines), (asked, on) => {
      for (const { missingBytes, machine: on_ } of sizeTraining({ ...asked, machines: [on] }).misfits) {
        const usable = on_.gpu.usableBytes ?? on_.gpu.nominalBytes ?? 0;
        expect(missingBytes).toBe(total(trainingUse(asked, on_.gpu.count ?? 1)) - usable);
        expect(missingBytes).toBeGreaterThan(0);
      }
    }),
  );
});

const GROWING: readonly [string, (asked: TrainingRequest) => TrainingRequest][] = [
  ['a longer row', (asked) => ({ ...asked, sequenceLength: asked.sequenceLength + 1 })],
  ['a larger batch', (asked) => ({ ...asked, batchSize: asked.batchSize + 1 })],
  ['a larger rank', (asked) => ({ ...asked, lora: { ...asked.lora, rank: asked.lora.rank + 1 } })],
  ['more optimizer states', (asked) => ({ ...asked, optimizerStates: asked.optimizerStates + 1 })],
  ['all logits at once', (asked) => ({ ...asked, wholeLogits: true })],
  ['larger evaluations', (asked) => ({ ...asked, evaluationBatchSize: asked.evaluationBatchSize + 1 })],
  ['no checkpointing', (asked) => ({ ...asked, gradientCheckpointing: false })],
  [
    'plain constants',
    (asked) => ({
      ...asked,
      quantization: asked.quantization === '4bit-double' ? '4bit' : asked.quantization,
    }),
  ],
  ['every module', (asked) => ({ ...asked, lora: { ...asked.lora, targetModules: null } })],
];

it.each(GROWING)('%s never takes less memory', (_, grow) => {
  fc.assert(
    fc.property(anyRequest, fc.integer({ min: 1, max: 8 }), (asked, gpus) => {
      expect(total(trainingUse(grow(asked), gpus))).toBeGreaterThanOrEqual(total(trainingUse(asked, gpus)));
    }),
  );
});

it('takes less for the frozen weights the fewer bits they have', () => {
  for (const of of tunable) {
    const held = (['none', '8bit', '4bit', '4bit-double'] as const).map((quantization) => {
      const lines = trainingUse(request({ model: of, quantization }), 1);
      return bytesOf(lines, 'weights') + bytesOf(lines, 'quantisation constants');
    });
    expect(held).toEqual(held.toSorted((a, b) => b - a));
    expect(new Set(held).size).toBe(held.length);
  }
});

it('counts the parameters of an adapter as peft does', () => {
  // Phi-3-mini, rank 8 on qkv (3072 to 9216), o (3072 to 3072), gate and up (3072 to 16384), down (8192 to 3072), 32 layers.
  const expected = 8 * 32 * (3072 + 9216 + 3072 + 3072 + 3072 + 16384 + 8192 + 3072);
  const { geometry, tuning } = model('phi-3-mini-4k-instruct');
  expect(loraParameters(geometry, { rank: 8, targetModules: tuning.targetModules ?? null })).toBe(expected);
  // Separate weights have the matrix on the side of their inputs each.
  const separate = { rank: 8, targetModules: ['q_proj', 'k_proj', 'v_proj'] };
  expect(loraParameters(geometry, separate)).toBe(8 * 32 * 3 * (3072 + 3072));
  expect(loraParameters(geometry, { rank: 8, targetModules: ['q_proj'] })).toBe(8 * 32 * (3072 + 3072));
});

it('keeps four bits and their constants for each weight of the linear layers', () => {
  const of = model('mistral-7b-v0.3');
  const linear = 32 * (4096 * 4096 * 2 + 2 * 4096 * 1024 + 3 * 4096 * 14336);
  const lines = trainingUse(request({ model: of, quantization: '4bit' }), 1);
  expect(bytesOf(lines, 'weights')).toBe(of.weightBytes - 2 * linear + linear / 2);
  expect(bytesOf(lines, 'quantisation constants')).toBe((linear / 64) * 4);
});

it('trains on all GPUs of one node, a copy on each', () => {
  const [placement] = sizeTraining(request({ machines: [machine('Standard_NC96ads_A100_v4')] })).placements;
  expect(placement).toMatchObject({
    nodes: 1,
    gpusPerNode: 4,
    tensorParallel: 1,
    dataParallel: 4,
    maxContext: 1024,
  });
  expect(bytesOf(placement?.ledger ?? [], 'gradient buckets')).toBeGreaterThan(0);
});

it('needs a larger machine for a larger model', () => {
  const answer = (name: string, quantization: TrainingRequest['quantization']) =>
    cheapestFirst(
      sizeTraining(
        request({
          model: model(name),
          quantization,
          machines: machines.filter(({ cloud }) => cloud === 'azure'),
        }),
      ),
    )[0];
  const small = answer('phi-4-mini-instruct', '4bit-double');
  const large = answer('qwen2.5-coder-32b-instruct', 'none');
  expect(large?.usableBytes).toBeGreaterThan(64 * GIB);
  expect(small?.pricePerHour ?? Infinity).toBeLessThan(large?.pricePerHour ?? 0);
});

it.each([
  ['single-node-only', { nodes: 2 }],
  ['bad-number', { batchSize: 0 }],
  ['bad-number', { lora: { rank: 1.5, targetModules: null } }],
  ['context-too-long', { sequenceLength: 200_000 }],
  ['model-not-tunable', { model: model('llama-3.1-8b-instruct') }],
  ['training-too-large', { batchSize: 64, sequenceLength: 4096, gradientCheckpointing: false }],
  [
    'weights-too-large',
    {
      model: model('qwen2.5-coder-32b-instruct'),
      quantization: 'none' as const,
      machines: [machine('Standard_NV36ads_A10_v5')],
    },
  ],
])('refuses with %s', (code, changes) => {
  const { placements, misfits } = sizeTraining(request(changes));
  expect(placements).toEqual([]);
  expect(misfits).toMatchObject([{ code }]);
});
