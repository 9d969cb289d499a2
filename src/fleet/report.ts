import Table from 'cli-table3';
import type { WriteReport } from '../gitops/write-tree';
import { OutputError } from '../gitops/output-error';
import { colorsFor } from '../spec/colors';
import { formatProblems } from '../spec/format-problems';
import { InvalidInputError, type Problem } from '../spec/problem';
import type { Decision, NodeDecision } from '../workload/decision';
import { totalNodes } from '../workload';
import { BORDERLESS } from '../spec/borderless';
import { EXIT_INTERNAL, EXIT_INVALID } from './exit-code';
import type { Rendering } from './rendering';

const GIB = 2 ** 30;
/** Lines of the ledger that the runtime leaves free. */
const UNUSED: ReadonlySet<string> = new Set(['headroom', 'outside utilization']);

/** Somewhere to print to; colours only where a person looks. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Say why nothing was written. Returns the exit code. */
export function printFailure(error: unknown, output: Output): number {
  const colors = colorsFor(output);
  if (error instanceof InvalidInputError) {
    output.write(formatProblems(error.problems, colors.isColorSupported));
    output.write('nothing was written\n');
    return EXIT_INVALID;
  }
  if (error instanceof OutputError) {
    output.write(`${colors.red('error')}  ${error.message}\nnothing was written\n`);
    return error.isInput ? EXIT_INVALID : EXIT_INTERNAL;
  }
  output.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return EXIT_INTERNAL;
}

/** Print `problems`, if there are any. */
export function printProblems(problems: readonly Problem[], output: Output): void {
  if (problems.length > 0) output.write(formatProblems(problems, colorsFor(output).isColorSupported));
}

/** The warnings, what runs where at what price, and what changed on disk. */
export function printSummary(
  rendering: Rendering,
  report: WriteReport,
  folder: string,
  output: Output,
): void {
  const colors = colorsFor(output);
  printProblems(rendering.problems, output);
  for (const path of report.editedByHand) {
    output.write(
      `${colors.yellow('warning')}  ${folder}/${path} had been edited by hand; synth wrote over it\n`,
    );
  }
  output.write(`${summaryTable(rendering.decisions, colors.isColorSupported)}\n`);
  for (const { workspace, cluster, placement } of rendering.decisions) {
    for (const note of placement.notes ?? []) {
      output.write(`note  ${nameOf(workspace, cluster)}: ${note}\n`);
    }
  }
  const changes = [
    `${report.added.length} added`,
    `${report.changed.length} changed`,
    `${report.removed.length} removed`,
    `${report.unchanged} unchanged`,
  ];
  output.write(`${folder}/: ${changes.join(', ')}\n`);
}

/** One row a Workspace: what runs, where, how it is divided, how much of a GPU it takes, and what it costs. */
export function summaryTable(decisions: readonly (Decision | NodeDecision)[], withColors: boolean): string {
  const table = new Table({
    head: ['WORKSPACE', 'MODEL', 'MACHINE', 'NODES x GPUS', 'PARALLEL', 'CONTEXT', 'GPU MEMORY', 'USD/HOUR'],
    ...BORDERLESS,
    style: { ...BORDERLESS.style, head: withColors ? ['bold'] : [] },
    colAligns: ['left', 'left', 'left', 'right', 'left', 'right', 'right', 'right'],
  });
  for (const decision of decisions) table.push(row(decision));
  // Own nodes have no price, and so no list that it is from.
  const dates = new Set(
    decisions.flatMap(({ placement: { machine, pricePerHour } }) =>
      pricePerHour === null ? [] : [`${machine.cloud} ${machine.price.region} ${machine.price.date}`],
    ),
  );
  const prices = dates.size === 0 ? '' : `\nprices: on demand, ${[...dates].sort().join('; ')}`;
  return `${table.toString().replace(/ +$/gm, '')}${prices}`;
}

function row(decision: Decision | NodeDecision): string[] {
  const { workspace, cluster, placement } = decision;
  const isSized = placement.ledger.length > 0;
  const replicas = totalNodes(decision) / placement.nodes;
  const copies = replicas === 1 ? '' : `, ${replicas} replicas`;
  const used = placement.ledger
    .filter(({ item }) => !UNUSED.has(item))
    .reduce((sum, { bytes }) => sum + bytes, 0);
  return [
    nameOf(workspace, cluster),
    'model' in decision ? decision.model.name : '(pod template)',
    placement.machine.name,
    `${placement.nodes} x ${placement.gpusPerNode}${copies}`,
    parallelism(placement),
    isSized ? String(placement.maxContext) : '',
    !isSized ? '' : `${(used / GIB).toFixed(1)} of ${(placement.usableBytes / GIB).toFixed(1)} GiB`,
    placement.pricePerHour === null ? 'unknown' : (placement.pricePerHour * replicas).toFixed(2),
  ];
}

function nameOf(workspace: Decision['workspace'], cluster: Decision['cluster']): string {
  return `${cluster.name}/${workspace.namespace}/${workspace.name}`;
}

function parallelism({ tensorParallel, pipelineParallel, dataParallel }: Decision['placement']): string {
  const parts = [
    ...(tensorParallel > 1 ? [`tensor ${tensorParallel}`] : []),
    ...(pipelineParallel > 1 ? [`pipeline ${pipelineParallel}`] : []),
    ...(dataParallel > 1 ? [`data ${dataParallel}`] : []),
  ];
  return parts.length === 0 ? 'none' : parts.join(', ');
}
