import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the runtime image says about its vLLM (`python -m slipway_runtime schema vllm-options`). Beside `src/` and `lib/`. */
const OPTIONS = join(__dirname, '..', '..', 'schemas', 'vllm-options.json');

/** One option of vLLM's server. */
export interface KnownOption {
  readonly takes: 'nothing' | 'value' | 'values';
  readonly choices?: readonly string[];
  /** Flag that turns a switch off. */
  readonly negation?: string;
}

/** The options of one version of vLLM. */
export interface KnownOptions {
  /** The version. */
  readonly vllm: string;
  /** By their flag. */
  readonly options: ReadonlyMap<string, KnownOption>;
}

let loaded: KnownOptions | undefined;

/** The options of the vLLM that the runtime image brings. */
export function knownOptions(): KnownOptions {
  loaded ??= read();
  return loaded;
}

function read(): KnownOptions {
  const { vllm, options } = JSON.parse(readFileSync(OPTIONS, 'utf8')) as {
    readonly vllm: string;
    readonly options: Readonly<Record<string, KnownOption>>;
  };
  return { vllm, options: new Map(Object.entries(options)) };
}

/** Options of one word that is a JSON list (vLLM 0.32, `entrypoints/launchers/cli_args.py`). */
const JSON_LISTS: ReadonlySet<string> = new Set(['allowed-headers', 'allowed-methods', 'allowed-origins']);

/** How vLLM's command line takes a list: in several words, as one word of JSON, or not at all. */
export function listForm(flag: string): 'words' | 'json' | null {
  // A member of a JSON option is JSON, too.
  if (flag.includes('.') || JSON_LISTS.has(flag)) return 'json';
  return knownOptions().options.get(flag)?.takes === 'values' ? 'words' : null;
}
