import { colorsFor } from '../../spec/colors';
import { gib } from '../../sizing/gib';
import type { LedgerLine, Placement } from '../../sizing/placement';
import { printTable } from '../catalog/listing';
import type { SizeAnswer } from './answer';

/** Print an answer for people. */
export function printAnswer({ subjects, placement, alternatives, reason }: SizeAnswer): void {
  const colors = colorsFor(process.stdout);
  if (placement) {
    process.stdout.write(
      `${colors.bold(subjects.model.name)} fits on ${colors.bold(arrangement(placement))}\n`,
    );
    printTable(facts(placement), [
      { title: '', text: ([name]) => name },
      { title: '', text: ([, value]) => value },
    ]);
    process.stdout.write(
      `\nmemory of the fullest GPU, ${gib(placement.usableBytes)} as its driver reports:\n\n`,
    );
    printTable<LedgerLine>(
      [...placement.ledger, { item: 'together', bytes: placement.usableBytes, basis: 'exact', note: '' }],
      [
        { title: 'ITEM', text: ({ item }) => item },
        { title: 'GiB', align: 'right', text: ({ bytes }) => (bytes / 2 ** 30).toFixed(2) },
        { title: 'BASIS', text: ({ basis, item }) => (item === 'together' ? '' : basis) },
        { title: 'HOW', text: ({ note }) => note },
      ],
    );
  } else {
    process.stdout.write(`${colors.bold(subjects.model.name)} does not fit: ${reason ?? ''}\n`);
  }
  if (alternatives.length === 0) return;
  process.stdout.write('\nother machine types that fit, the cheapest first:\n\n');
  printTable(alternatives, [
    { title: 'MACHINE', text: ({ machine }) => machine.name },
    { title: 'NODES x GPUS', align: 'right', text: ({ nodes, gpusPerNode }) => `${nodes} x ${gpusPerNode}` },
    { title: 'GPU', text: ({ machine }) => machine.gpu.model },
    { title: 'CONTEXT', align: 'right', text: ({ maxContext }) => count(maxContext) },
    { title: 'KV TOKENS', align: 'right', text: ({ kvTokens }) => count(kvTokens) },
    { title: 'USD/HOUR', align: 'right', text: ({ pricePerHour }) => pricePerHour?.toFixed(2) ?? '?' },
  ]);
}

function arrangement({ machine, nodes, gpusPerNode }: Placement): string {
  const gpus = `${gpusPerNode} ${machine.gpu.model}`;
  return nodes === 1 ? `${machine.name} (${gpus})` : `${nodes} x ${machine.name} (${gpus} each)`;
}

function facts(placement: Placement): [string, string][] {
  const { machine, tensorParallel, pipelineParallel, dataParallel, notes = [] } = placement;
  const { price } = machine;
  return [
    ['parallelism', `tensor ${tensorParallel}, pipeline ${pipelineParallel}, data ${dataParallel}`],
    ['largest context', `${count(placement.maxContext)} tokens`],
    ['KV cache', `${count(placement.kvTokens)} tokens${dataParallel > 1 ? ' in each copy' : ''}`],
    ['GPU memory utilization', String(placement.gpuMemoryUtilization)],
    [
      'price',
      placement.pricePerHour === null
        ? 'not known'
        : `${placement.pricePerHour.toFixed(2)} USD an hour (${price.region}, list of ${price.date})`,
    ],
    ...notes.map((note): [string, string] => ['note', note]),
  ];
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
