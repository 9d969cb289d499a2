import { isPlainMap } from '../spec/shape/empty-fields';
import type { VllmOptionValue } from '../spec/workspace';

type Options = Readonly<Record<string, VllmOptionValue>>;

/** Members of an option that is JSON, given as a text or one by one. */
export function jsonOption(options: Options, flag: string): Readonly<Record<string, unknown>> {
  const members = Object.entries(options).flatMap(([name, value]) =>
    name.startsWith(`${flag}.`) ? [[name.slice(flag.length + 1), value] as const] : [],
  );
  return members.length > 0 ? Object.fromEntries(members) : parsed(options[flag]);
}

function parsed(text: VllmOptionValue | undefined): Readonly<Record<string, unknown>> {
  if (typeof text !== 'string') return {};
  try {
    const value: unknown = JSON.parse(text);
    return isPlainMap(value) ? value : {};
  } catch {
    return {}; // vLLM says what is wrong with it
  }
}
