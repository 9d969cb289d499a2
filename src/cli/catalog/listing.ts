import Table, { type HorizontalAlignment } from 'cli-table3';
import { InvalidArgumentError } from 'commander';
import { colorsFor } from '../../spec/colors';
import { BORDERLESS } from '../../spec/borderless';

const GIB = 2 ** 30;

/** A column of a listing. */
export interface Column<T> {
  readonly title: string;
  readonly align?: HorizontalAlignment;
  readonly text: (row: T) => string;
}

/** Print `rows` as a table without borders: good to read, and to cut with text tools. */
export function printTable<T>(rows: readonly T[], columns: readonly Column<T>[]): void {
  const colors = colorsFor(process.stdout);
  const table = new Table({
    head: columns.map(({ title }) => colors.bold(title)),
    colAligns: columns.map(({ align = 'left' }) => align),
    ...BORDERLESS,
  });
  table.push(...rows.map((row) => columns.map(({ text }) => text(row))));
  const lines = table.toString().split('\n');
  process.stdout.write(`${lines.map((line) => line.trimEnd()).join('\n')}\n`);
}

/** Print `rows` as one JSON array. */
export function printJson(rows: readonly { readonly name: string }[]): void {
  process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
}

/** Bytes as GiB with one decimal. */
export function inGib(bytes: number): string {
  return (bytes / GIB).toFixed(1);
}

/** Parser of options that take a size in GiB; gives bytes. */
export function parseGib(text: string): number {
  const gib = Number(text.replace(/ ?Gi?B?$/i, ''));
  if (!Number.isFinite(gib) || gib <= 0)
    throw new InvalidArgumentError('allowed: a number of GiB above 0, such as 80.');
  return gib * GIB;
}
