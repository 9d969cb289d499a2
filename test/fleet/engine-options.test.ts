import { Cluster, Fleet, Workspace, type PresetInferenceProps, type Problem } from '../../src';
import type { Placement } from '../../src/sizing/placement';
import type { InferenceConfig } from '../../src/spec/workspace';

type Options = NonNullable<InferenceConfig['vllm']>;

function serve(inference: Partial<Pick<PresetInferenceProps, 'preset' | 'config' | 'performanceMode'>>): {
  readonly placement: Placement;
  readonly problems: readonly Problem[];
} {
  const fleet = new Fleet();
  new Workspace(new Cluster(fleet, 'prod'), 'chat', {
    resource: { instanceType: 'Standard_NC40ads_H100_v5' },
    inference: { preset: { name: 'phi-4' }, ...inference },
  });
  const { decisions, problems } = fleet.render();
  const placement = decisions[0]?.placement;
  if (!placement || !('kvTokens' in placement)) throw new Error('there is no placement');
  return { placement, problems };
}

function bytesOf({ ledger }: Placement, item: string): number {
  return ledger.find((line) => line.item === item)?.bytes ?? 0;
}

describe('options of vLLM in a Workspace', () => {
  const usual = serve({}).placement;

  it('reach sizing, and so does the mode that doubles batches', () => {
    const doubled = serve({ performanceMode: 'throughput' }).placement;
    expect(bytesOf(doubled, 'activations')).toBeGreaterThan(bytesOf(usual, 'activations'));
    expect(doubled.kvTokens).toBeLessThan(usual.kvTokens);
    const options: [Record<string, string | number | boolean | null>, number][] = [
      [{ 'kv-cache-dtype': 'fp8' }, 1.9],
      [{ max_num_seqs: '8', 'max-num-batched-tokens': 2048 }, 1],
      [{ 'enforce-eager': null }, 1],
      [{ 'compilation-config.max_cudagraph_capture_size': 8 }, 1],
    ];
    for (const [vllm, least] of options) {
      expect(serve({ config: { vllm } }).placement.kvTokens / usual.kvTokens).toBeGreaterThan(least);
    }
    expect(bytesOf(serve({ config: { vllm: { 'enforce-eager': true } } }).placement, 'CUDA graphs')).toBe(0);
    expect(serve({ config: { vllm: { 'no-enforce-eager': null } } }).placement.kvTokens).toBe(usual.kvTokens);
  });

  it.each<[Options, Options]>([
    [{ 'max-num-batched-tokens': '2K' }, { 'max-num-batched-tokens': 2048 }],
    [{ 'max-num-batched-tokens': '2.5k' }, { 'max-num-batched-tokens': 2500 }],
    [{ 'compilation-config': '{"cudagraph_mode": "none"}' }, { 'enforce-eager': null }],
    [
      { 'compilation-config': '{"cudagraph_capture_sizes": [1, 2, 4, 8]}' },
      { 'cudagraph-capture-sizes': [8, 4, 2, 1] },
    ],
    [
      { 'compilation-config': '{"max_cudagraph_capture_size": 64}' },
      { 'compilation-config.max_cudagraph_capture_size': 64 },
    ],
    [
      { 'speculative-config': '{"method": "ngram", "num_speculative_tokens": 4}' },
      { 'speculative-config.method': 'ngram', 'speculative-config.num_speculative_tokens': 4 },
    ],
  ])('mean the same in two spellings: %j', (one, other) => {
    const { placement, problems } = serve({ config: { vllm: one } });
    const same = serve({ config: { vllm: other } }).placement;
    expect(problems).toEqual([]);
    expect(placement.ledger).toEqual(same.ledger);
    expect(placement.ledger).not.toEqual(usual.ledger);
  });

  it('that capture batches of one kind only need less memory for graphs', () => {
    const graphs = (mode: string) =>
      bytesOf(
        serve({ config: { vllm: { 'compilation-config.cudagraph_mode': mode } } }).placement,
        'CUDA graphs',
      );
    expect(graphs('PIECEWISE')).toBeLessThan(bytesOf(usual, 'CUDA graphs'));
    expect(graphs('PIECEWISE') + graphs('FULL_DECODE_ONLY')).toBeGreaterThanOrEqual(
      bytesOf(usual, 'CUDA graphs'),
    );
  });

  it('that let no image and no video into a prompt leave the encoder out', () => {
    const vision = (vllm: Record<string, string | number>) => {
      const { placement } = serve({ preset: { name: 'qwen3.6-27b' }, config: { vllm } });
      return { weights: bytesOf(placement, 'weights'), activations: bytesOf(placement, 'activations') };
    };
    const all = vision({ seed: 1 });
    expect(vision({ 'limit-mm-per-prompt': '{"image": 0}' })).toEqual(all);
    expect(vision({ 'limit-mm-per-prompt': '{"image": 2, "video": 0}' })).toEqual(all);
    for (const none of [
      { 'limit-mm-per-prompt': '{"image": 0, "video": 0}' },
      { 'limit-mm-per-prompt.image': 0, 'limit-mm-per-prompt.video': 0 },
    ]) {
      expect(vision(none).weights).toBeLessThan(all.weights);
      expect(vision(none).activations).toBeLessThan(all.activations);
    }
  });

  it('that change the memory uncounted are named with what is counted instead', () => {
    const { problems } = serve({
      config: { vllm: { 'cpu-offload-gb': 10, 'speculative-config.num_speculative_tokens': 3, seed: 1 } },
    });
    const uncounted = problems.filter(({ code }) => code === 'option-not-counted');
    expect(uncounted).toMatchObject([
      {
        severity: 'warning',
        field: 'inference.config.vllm.cpu-offload-gb',
        message: expect.stringContaining('as if all of them stayed on the GPU') as string,
      },
      { severity: 'warning', message: expect.stringContaining('of the network that drafts') as string },
    ]);
  });
});
