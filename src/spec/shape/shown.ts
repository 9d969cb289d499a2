const MAX_SHOWN = 60;

/** `value` as a message shows it: short, on one line. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object' && value !== null) return 'a map';
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN - 3)}..."`;
}

/** `value` with its type, as in `the number 3`, `a map`. */
export function shownWithType(value: unknown): string {
  if (value === null) return 'nothing';
  if (typeof value === 'object') return shown(value);
  if (typeof value === 'boolean') return String(value);
  return `the ${typeof value} ${shown(value)}`;
}
