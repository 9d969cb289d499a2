import Table from 'cli-table3';
import pc from 'picocolors';
import { BORDERLESS } from '../../spec/borderless';
import type { Plan } from '../commands/plan';
import type { PoolStatus } from '../commands/status';

const SIGNS = {
  create: '+',
  update: '~',
  noop: ' ',
  blocked: '!',
  foreign: '!',
  failed: '~',
  wait: '.',
} as const;

/** The plan for people. */
export function planTable(plan: Plan, color: boolean): string {
  const colors = pc.createColors(color);
  const paint = {
    create: colors.green,
    update: colors.yellow,
    noop: colors.dim,
    blocked: colors.red,
    foreign: colors.red,
    failed: colors.yellow,
    wait: colors.yellow,
  };
  const table = newTable(['', 'pool', 'machine type', 'nodes', 'what']);
  for (const { pool, action, vmSize, nodes, message } of plan.pools) {
    table.push([paint[action](SIGNS[action]), pool, vmSize, nodes, message]);
  }
  const count = (...actions: readonly string[]) =>
    plan.pools.filter(({ action }) => actions.includes(action)).length;
  const lines = [
    `Cluster ${plan.cluster}, owner ${plan.owner}`,
    table.toString(),
    `${count('create')} to create, ${count('update', 'failed')} to change, ${count('noop')} as described, ${count('blocked', 'foreign')} in the way`,
  ];
  if (plan.orphans.length > 0) {
    lines.push(`Not described any more, "slipway provision prune" removes them: ${plan.orphans.join(', ')}`);
  }
  for (const finding of plan.quota ?? []) {
    const mark = finding.enough ? colors.green('ok') : colors.red('not enough');
    lines.push(`Quota ${mark}: ${finding.pool} ${finding.vmSize} ${finding.message}`);
  }
  if (plan.quotaNote) lines.push(colors.dim(`Quota not checked: ${plan.quotaNote}`));
  return lines.join('\n') + '\n';
}

/** The status for people. */
export function statusTable(pools: readonly PoolStatus[], color: boolean): string {
  const colors = pc.createColors(color);
  const table = newTable(['pool', 'state', 'machine type', 'nodes', 'ready', 'GPUs', 'USD/h']);
  for (const pool of pools) {
    const state = pool.described ? pool.state : `${pool.state}, not described`;
    const healthy = pool.described && pool.state === 'Succeeded';
    table.push([
      pool.pool,
      healthy ? state : colors.yellow(state),
      pool.vmSize,
      String(pool.nodes),
      pool.readyNodes === null ? '?' : String(pool.readyNodes),
      pool.gpus === null ? '?' : String(pool.gpus),
      pool.pricePerHour === null ? '?' : pool.pricePerHour.toFixed(2),
    ]);
  }
  const orphans = pools.filter(({ described }) => !described);
  const cost = orphans.reduce((sum, { pricePerHour }) => sum + (pricePerHour ?? 0), 0);
  const note =
    orphans.length > 0
      ? `${orphans.length} not described any more, about ${cost.toFixed(2)} USD/h at list price; "slipway provision prune" removes them\n`
      : '';
  return `${table.toString()}\n${note}`;
}

function newTable(head: string[]): Table.Table {
  return new Table({ head, ...BORDERLESS });
}
