import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MachineType } from '../../src/catalog/machine';
import { kaitoInput, kaitoNodeCount, kaitoRunsCopies, kaitoUtilization } from '../../src/sizing/kaito';
import { size } from '../../src/sizing/size';
import { machine, model } from './models';

const { machines, nodes } = JSON.parse(
  readFileSync(join(__dirname, '../data/kaito-node-counts.json'), 'utf8'),
) as { readonly machines: readonly string[]; readonly nodes: Readonly<Record<string, readonly string[]>> };

/** Cells in which ours is higher than KAITO v0.12's count, as docs/sizing.md lists them. */
const RAISED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'deepseek-r1-0528': { Standard_NV36ads_A10_v5: '61', 'g5.xlarge': '61', 'g6.12xlarge': '11' },
  'deepseek-v3-0324': { Standard_NV36ads_A10_v5: '61', 'g5.xlarge': '61', 'g6.12xlarge': '11' },
  'mistral-large-3-675b-instruct-2512': {
    Standard_NV36ads_A10_v5: 'none',
    Standard_NC24ads_A100_v4: '13',
    'g5.xlarge': 'none',
    'g6.12xlarge': '13',
  },
  'nvidia-nemotron-3-super-120b-a12b-bf16': { 'g5.xlarge': '15' },
  'gemma-4-31b-it': { 'g5.xlarge': '5' },
  'gemma-4-26b-a4b-it': { 'g5.xlarge': '4' },
  'mistral-small-4-119b-2603': { Standard_NV36ads_A10_v5: '8', 'g5.xlarge': '8' },
  'mistral-small-4-119b-2603-nvfp4': { 'g5.xlarge': '5', 'g6.12xlarge': '2' },
  'qwen3.5-122b-a10b': { Standard_NV36ads_A10_v5: '16', 'g5.xlarge': '17' },
  'kimi-k2.5': { Standard_NV36ads_A10_v5: '61', 'g5.xlarge': '61' },
  'kimi-k2.6': { Standard_NV36ads_A10_v5: '61', 'g5.xlarge': '61' },
  'mistral-medium-3.5-128b': { Standard_NV36ads_A10_v5: '10', 'g5.xlarge': '12', 'g6.12xlarge': '3' },
  'deepseek-v4-pro': { Standard_NC40ads_H100_v5: '13' },
  'kimi-k2.7-code': { Standard_NV36ads_A10_v5: '61', 'g5.xlarge': '61' },
  'nvidia-nemotron-3-ultra-550b-a55b-nvfp4': { Standard_NV36ads_A10_v5: '22', 'g5.xlarge': '22' },
};

/** Models with sparse attention, for which vLLM has kernels from compute capability 9.0 on. */
const SPARSE: readonly string[] = [
  'deepseek-v3.2',
  'deepseek-v4-flash-0731',
  'deepseek-v4-pro',
  'glm-5.2-fp8',
];

/** Cells in which ours is lower, since KAITO counts the weights of gpt-oss twice. */
const LOWERED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'gpt-oss-20b': { Standard_NV36ads_A10_v5: '1', 'g5.xlarge': '1', 'p4d.24xlarge': '1d' },
  'gpt-oss-120b': {
    Standard_NV36ads_A10_v5: '4',
    Standard_NC24ads_A100_v4: '2',
    Standard_NC48ads_A100_v4: '1',
    Standard_NC40ads_H100_v5: '1',
    Standard_ND96isr_H200_v5: '1d',
    'g5.xlarge': '4',
  },
};

function gpuOf({ gpu }: MachineType): { readonly count: number; readonly nominalBytes: number } {
  return { count: gpu.count ?? 0, nominalBytes: gpu.nominalBytes ?? 0 };
}

/** KAITO's count, from KAITO's own figure of the weights, with a `d` where it runs copies on one node. */
function kaitoCell(name: string, on: string): string {
  const { kaitoWeightBytes } = model(name);
  const input = {
    ...kaitoInput(model(name), gpuOf(machine(on)), 2048),
    ...(kaitoWeightBytes === null ? {} : { weightBytes: kaitoWeightBytes }),
  };
  const count = kaitoNodeCount(input);
  return `${count ?? 'none'}${count === 1 && kaitoRunsCopies(input) ? 'd' : ''}`;
}

function ourCell(name: string, on: string): string {
  const [placement] = size({ model: model(name), machines: [machine(on)], runtime: 'vllm' }).placements;
  if (!placement) return 'none';
  const copies = placement.nodes === 1 && placement.tensorParallel === 1 && placement.dataParallel > 1;
  return `${placement.nodes}${copies ? 'd' : ''}`;
}

/** The count of a cell, without the mark of copies. */
function nodesOf(cell: string): string {
  return cell.replace('d', '');
}

describe("KAITO's estimator", () => {
  it('is known for 60 models on 12 machine types', () => {
    expect(Object.keys(nodes)).toHaveLength(60);
    expect(machines).toHaveLength(12);
  });

  it.each(Object.entries(nodes))('gives the node counts of v0.12 for %s', (name, row) => {
    expect(machines.map((on) => kaitoCell(name, on))).toEqual(row);
  });

  it('counts one GPU more where the model fits exactly, unless told otherwise', () => {
    const gpusPerNode = 1;
    const nodeGpuBytes = 80 * 2 ** 30;
    const usable = (nodeGpuBytes * 0.84 - 2.3 * 2 ** 30) / 1.05;
    const input = {
      weightBytes: usable / 1.02,
      bytesPerToken: 0,
      gpusPerNode,
      nodeGpuBytes,
      contextLength: 2048,
    };
    expect([kaitoNodeCount(input), kaitoNodeCount(input, { exactFit: true })]).toEqual([2, 1]);
  });

  it.each(['gpt-oss-20b', 'gpt-oss-120b'])('is given the weights of %s once, not twice', (name) => {
    const { weightBytes } = kaitoInput(model(name), gpuOf(machine('g6.12xlarge')), 2048);
    expect(Math.abs(weightBytes - model(name).weightBytes)).toBeLessThanOrEqual(1);
  });

  it('is given its own figure of the weights elsewhere, draft layers included', () => {
    const { weightBytes } = kaitoInput(model('deepseek-v4-flash-0731'), gpuOf(machine('g6.12xlarge')), 2048);
    expect(weightBytes).toBe(model('deepseek-v4-flash-0731').kaitoWeightBytes);
  });

  it('finds GPUs too small that have no room for the reserve', () => {
    const input = {
      weightBytes: 1,
      bytesPerToken: 0,
      gpusPerNode: 1,
      nodeGpuBytes: 2 * 2 ** 30,
      contextLength: 2048,
    };
    expect(kaitoNodeCount(input)).toBeNull();
  });

  it('gives vLLM less of an A10 than of other GPUs', () => {
    const of = (name: string): number => kaitoUtilization(machine(name).gpu);
    expect([of('Standard_NV36ads_A10_v5'), of('g5.xlarge'), of('Standard_NC24ads_A100_v4')]).toEqual([
      0.82, 0.84, 0.84,
    ]);
  });
});

describe('our node counts', () => {
  it("are KAITO's in 654 cases, as the documentation says", () => {
    const same = Object.entries(nodes).flatMap(([name, row]) =>
      machines.filter((on, column) => nodesOf(ourCell(name, on)) === nodesOf(row[column] ?? '')),
    );
    expect(same).toHaveLength(654);
  });

  it.each(Object.entries(nodes))("are KAITO's for %s, but where its count is unsound", (name, row) => {
    const expected = machines.map((on, column) =>
      SPARSE.includes(name) && (machine(on).gpu.computeCapability ?? 0) < 9
        ? 'none'
        : (RAISED[name]?.[on] ?? LOWERED[name]?.[on] ?? row[column]),
    );
    expect(machines.map((on) => ourCell(name, on))).toEqual(expected);
  });
});
