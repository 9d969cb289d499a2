import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Problem } from './problem';
import { readDocuments, type ReadOptions, type ReadResult, type Source } from './read-documents';

const YAML_FILE = /\.ya?ml$/;

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EACCES: 'may not be read',
  EPERM: 'may not be read',
  EISDIR: 'is a folder, not a file',
  ELOOP: 'is a symbolic link to itself',
};

/**
 * Read the documents of YAML files. A folder stands for the `*.yaml` and `*.yml` files in it and below it, sorted by
 * path. Never throws on bad input: what cannot be read is a problem.
 */
export function readFiles(paths: readonly string[], options: ReadOptions = {}): ReadResult {
  const { sources, problems } = readSources(paths);
  const result = readDocuments(sources, options);
  return { ...result, problems: [...problems, ...result.problems] };
}

/** Content of the files at `paths`, each file once; folders as `readFiles` takes them. */
export function readSources(paths: readonly string[]): {
  readonly sources: readonly Source[];
  readonly problems: readonly Problem[];
} {
  const problems: Problem[] = [];
  const files = new Map<string, string>();
  for (const path of paths) {
    attempt(path, problems, () => {
      const before = problems.length;
      const found = listFiles(path, new Set(), problems);
      if (found.length === 0 && problems.length === before)
        problems.push(
          problem(path, 'empty-folder', 'holds no *.yaml or *.yml file', 'name another folder, or a file'),
        );
      for (const file of found) {
        const real = realpathSync(file);
        if (!files.has(real)) files.set(real, file);
      }
    });
  }
  const sources: Source[] = [];
  for (const file of files.values()) {
    attempt(file, problems, () => sources.push({ file, text: readFileSync(file) }));
  }
  return { sources, problems };
}

/** Name of standard input in messages. */
export const STDIN_NAME = '<stdin>';

/** What is piped in. */
export function readStandardInput(): ReturnType<typeof readSources> {
  return readOne(STDIN_NAME, 0);
}

/** Content of one file; a folder is a problem. */
export function readSource(file: string): ReturnType<typeof readSources> {
  return readOne(file, file);
}

function readOne(file: string, from: string | number): ReturnType<typeof readSources> {
  const problems: Problem[] = [];
  const source = attempt(file, problems, () => ({ file, text: readFileSync(from) }));
  return { sources: source === undefined ? [] : [source], problems };
}

/** `entered` holds the folders on the way down: a link back up would never end. */
function listFiles(path: string, entered: ReadonlySet<string>, problems: Problem[]): string[] {
  if (!statSync(path).isDirectory()) return [path];
  const real = realpathSync(path);
  if (entered.has(real)) return [];
  const inside = new Set([...entered, real]);
  const isYaml = (name: string) => YAML_FILE.test(name);
  return readdirSync(path, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((item) => {
      const below = join(path, item.name);
      if (item.isDirectory()) return attempt(below, problems, () => listFiles(below, inside, problems)) ?? [];
      if (!item.isSymbolicLink()) return isYaml(item.name) ? [below] : [];
      const isFolder = isFolderLink(below);
      // A link to nothing matters when it has the name of a file that is read.
      if (isFolder === undefined && !isYaml(item.name)) return [];
      if (isFolder === false) return isYaml(item.name) ? [below] : [];
      return attempt(below, problems, () => listFiles(below, inside, problems)) ?? [];
    });
}

/** True for a link to a folder; undefined for one to nothing. */
function isFolderLink(path: string): boolean | undefined {
  try {
    return statSync(path).isDirectory();
  } catch {
    return undefined;
  }
}

function attempt<T>(path: string, problems: Problem[], action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    const message = REASONS[codeOf(error)] ?? `cannot be read: ${String(error)}`;
    problems.push(problem(path, 'unreadable-file', message, 'name a file or folder that can be read'));
    return undefined;
  }
}

/** Node's code of a failed system call, such as ENOENT. */
function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}

function problem(file: string, code: string, message: string, next: string): Problem {
  return { severity: 'error', code, position: { file, line: 1, column: 1 }, field: '', message, next };
}
