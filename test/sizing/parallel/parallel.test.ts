import fc from 'fast-check';
import { shapeChoices } from '../../../src/sizing/parallel/choice';
import { pipelineSplit } from '../../../src/sizing/parallel/pipeline-split';
import { tensorParallelProblem } from '../../../src/sizing/parallel/tensor-parallel';
import { model, models } from '../models';

describe('the stages of a pipeline', () => {
  it.each([
    [61, 2, [31, 30]],
    [94, 4, [23, 24, 24, 23]],
    [32, 3, [11, 11, 10]],
    [5, 5, [1, 1, 1, 1, 1]],
  ])('of %i layers over %i are %j', (layers, stages, expected) => {
    expect(pipelineSplit(layers, stages)).toEqual(expected);
  });

  it('hold all layers, no stage two more than another, the last never the most', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 64 }), (layers, stages) => {
        const split = pipelineSplit(layers, stages);
        expect(split).toHaveLength(stages);
        expect(split.reduce((sum, count) => sum + count, 0)).toBe(layers);
        expect(Math.max(...split) - Math.min(...split)).toBeLessThanOrEqual(1);
        expect(split.at(-1)).toBe(Math.min(...split));
      }),
    );
  });
});

describe('tensor parallelism', () => {
  it('is always possible on one GPU', () => {
    for (const { geometry } of models) expect(tensorParallelProblem(geometry, 1)).toBeNull();
  });

  it('divides the attention heads and divides or repeats those of keys and values wherever it is allowed', () => {
    fc.assert(
      fc.property(fc.constantFrom(...models), fc.integer({ min: 2, max: 16 }), ({ geometry }, gpus) => {
        if (tensorParallelProblem(geometry, gpus) !== null) return;
        expect(geometry.attentionHeads % gpus).toBe(0);
        for (const layer of [geometry.full, geometry.sliding, geometry.chunked]) {
          if (layer) expect(Math.min(layer.kvHeads % gpus, gpus % layer.kvHeads)).toBe(0);
        }
      }),
    );
  });

  it.each([
    ['qwen2.5-coder-7b-instruct', 8, '28 attention heads'],
    ['phi-4', 4, '10 key-value heads'],
  ])('of %s over %i GPUs is refused: %s', (name, gpus, reason) => {
    expect(tensorParallelProblem(model(name).geometry, gpus)).toContain(reason);
  });

  it('falls back to a part of the node, with every GPU in use', () => {
    const { geometry } = model('phi-4');
    expect(
      shapeChoices({ geometry, gpusPerNode: 8, nodes: 2, copies: false }).map(({ shape }) => shape),
    ).toEqual([{ tensorParallel: 2, pipelineParallel: 8, dataParallel: 1 }]);
  });
});
