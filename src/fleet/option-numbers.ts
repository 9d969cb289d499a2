const DECIMAL: Readonly<Record<string, number>> = { k: 1e3, m: 1e6, g: 1e9, t: 1e12 };
const BINARY: Readonly<Record<string, number>> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** A positive whole number as vLLM 0.32 reads it: quoted or not, `2k` for 2,000 and `2K` for 2,048. */
export function count(value: unknown): number | undefined {
  const number = typeof value === 'string' ? readable(value.trim()) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number > 0 ? number : undefined;
}

/** Several of them; undefined where one is none, or there are none. */
export function counts(values: unknown): readonly number[] | undefined {
  const read = [values].flat().map(count);
  const numbers = read.filter((number) => number !== undefined);
  return numbers.length === read.length && numbers.length > 0 ? numbers : undefined;
}

function readable(text: string): number | undefined {
  const [, digits, fraction = '', unit = ''] = /^(\d+)(\.\d+)?([kKmMgGtT])?$/.exec(text) ?? [];
  if (digits === undefined) return undefined;
  if (unit in DECIMAL) return Math.trunc(Number(digits + fraction) * (DECIMAL[unit] ?? 1));
  return fraction === '' ? Number(digits) * (BINARY[unit] ?? 1) : undefined;
}
