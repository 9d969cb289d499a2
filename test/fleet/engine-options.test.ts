import { Cluster, Fleet, Workspace, type InferenceProps, type Problem } from '../../src';
import type { Placement } from '../../src/sizing/placement';

function serve(inference: Pick<InferenceProps, 'config' | 'performanceMode'>): {
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
      { severity: 'warning', message: expect.stringContaining('of the draft') as string },
    ]);
  });
});
