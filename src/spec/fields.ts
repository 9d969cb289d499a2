/** One step of a field path: a key of a map or an index of a list. */
export type Step = string | number;

const SIMPLE_KEY = /^[A-Za-z_][A-Za-z0-9_-]*$/;
const STEP = /\.?([^.[\]]+)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]/gy;

/** Path of `step` in the field `parent`, as in `a.b`, `a[0]` and `a["b.c/d"]`. */
export function child(parent: string, step: Step): string {
  if (typeof step === 'number') return `${parent}[${step}]`;
  if (!SIMPLE_KEY.test(step)) return `${parent}[${JSON.stringify(step)}]`;
  return parent === '' ? step : `${parent}.${step}`;
}

/** Field path of `steps`. The inverse of `parseField`. */
export function formatField(steps: readonly Step[]): string {
  return steps.reduce<string>(child, '');
}

/** Steps of a field path. A part that is not a path (an unclosed bracket) ends it. */
export function parseField(field: string): Step[] {
  return [...field.matchAll(STEP)].map(([, key, index, quoted]) => {
    if (index !== undefined) return Number(index);
    if (quoted !== undefined) return String(JSON.parse(`"${quoted}"`));
    return key ?? '';
  });
}

/** True when `field` is `ancestor` or lies in it. */
export function isWithin(field: string, ancestor: string): boolean {
  if (ancestor === '' || field === ancestor) return true;
  return field.startsWith(ancestor) && /[.[]/.test(field.charAt(ancestor.length));
}
