import type { Fit, FitRequest } from './fit';
import type { LedgerLine } from './placement';
import { requestedBytes, totalUse } from './stage-budget';

/**
 * The memory of the fullest GPU of a fitting model, line by line. What is left of vLLM's share is the headroom, so the
 * lines add up to what the driver reports.
 */
export function ledgerOf(request: FitRequest, { fullest, capacity, outsideBytes }: Fit): LedgerLine[] {
  const { use, cacheBytes } = fullest;
  const budget = requestedBytes(request.usableBytes, request.utilization);
  const gpus = request.shape.tensorParallel * request.shape.pipelineParallel;
  const outside = request.usableBytes - budget;
  const { tokens, sequences } = request.limits;
  const lines: LedgerLine[] = [
    {
      item: 'weights',
      bytes: use.weights,
      basis: 'exact',
      note: 'size of the checkpoint, divided as vLLM 0.32 divides its shapes',
    },
    {
      item: 'KV cache',
      bytes: cacheBytes,
      basis: 'exact',
      note: `${capacity.blocks} blocks, by vLLM 0.32's rules for each kind of layer`,
    },
    {
      item: 'activations',
      bytes: use.activations,
      basis: 'estimated',
      note: `peak of one batch of ${tokens} tokens, or of the logits of ${Math.min(tokens, sequences)} sequences, from the shapes`,
    },
    {
      item: 'CUDA graphs',
      bytes: use.cudaGraphs,
      basis: 'estimated',
      note: '0.15 MiB for each layer of each captured batch size, from public logs',
    },
    {
      item: 'buffers',
      bytes: use.buffers,
      basis: 'estimated',
      note: "the sampler's counts of tokens, rotary table and inputs of one batch, from the shapes",
    },
    {
      item: 'non-torch',
      bytes: use.nonTorch,
      basis: 'estimated',
      note: `kernels and workspaces${gpus > 1 ? ', NCCL' : ''}: the ${request.level === 'low' ? 'low end' : 'middle'} of what is seen`,
    },
  ];
  if (request.adapters) {
    const { count, maxRank } = request.adapters;
    lines.push({
      item: 'adapters',
      bytes: use.adapters,
      basis: 'exact',
      note: `${count} LoRA slots of rank ${maxRank} beside every projection, as vLLM 0.32 reserves them`,
    });
  }
  return [
    ...lines,
    {
      item: 'headroom',
      bytes: budget - totalUse(use) - cacheBytes,
      basis: 'estimated',
      note: 'less than one block, or what this GPU has more than the fullest needs',
    },
    {
      item: 'outside utilization',
      bytes: outside,
      basis: 'exact',
      note: `the share that vLLM leaves alone; CUDA's context, ${gpus > 1 ? 'early NCCL ' : ''}and block tables take about ${(outsideBytes / 2 ** 30).toFixed(1)} GiB of it`,
    },
  ];
}
